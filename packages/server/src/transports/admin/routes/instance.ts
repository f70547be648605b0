/** How this instance is, and what it was told. */

import type { Grant } from '../../../service/access/grant.ts'
import type { Scope } from '../../../service/access/scope.ts'
import { shownConfiguration } from '../../../service/shown-configuration.ts'
import type { Route } from '../../http/http-route.ts'
import { objectOf } from '../../http/json-schema.ts'
import type { AdminParts } from '../admin-parts.ts'
import { CONFIGURATION, CONFIGURATION_HISTORY, HEALTH } from '../answer-schemas.ts'

/** What the token of a caller is for, so that it need not try; null where none is needed. */
function tokenView(grant: Grant | null): { readonly name: string; readonly scopes: readonly Scope[] } | null {
  return grant === null ? null : { name: grant.name, scopes: grant.scopes }
}

export function instanceRoutes({
  observer,
  instance,
}: Pick<AdminParts, 'observer' | 'instance'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/health',
      summary: 'How the store and this instance are. Asks no store.',
      query: objectOf({}),
      responses: { 200: { description: 'Whatever its health.', schema: HEALTH } },
      handler: async ({ service }) => ({
        version: instance.version,
        token: tokenView(service.grant),
        ...(await observer.health(service)),
      }),
    },
    {
      method: 'GET',
      path: '/v1/configuration',
      summary: 'The configuration in force, without secrets, and the options of the command line.',
      query: objectOf({}),
      responses: { 200: { description: 'The configuration.', schema: CONFIGURATION } },
      handler: ({ service }) => {
        const shown = shownConfiguration(service)
        const isAll = service.grant?.isConfined !== true
        const { file, store, options } = instance
        return isAll
          ? { ...shown, file, store, options }
          : { ...shown, file: null, store: null, options: null }
      },
    },
    {
      method: 'GET',
      path: '/v1/configuration/history',
      summary: 'The last changes of what is in force, and what was rejected, newest first.',
      query: objectOf({}),
      responses: { 200: { description: 'At most 20, since the start.', schema: CONFIGURATION_HISTORY } },
      handler: ({ service }) => ({ changes: observer.configurationHistory(service) }),
    },
  ]
}
