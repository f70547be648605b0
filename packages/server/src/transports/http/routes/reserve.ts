/** Reservations: an estimate spent now, and settled later at whichever instance. */

import type { Settled } from 'headgate'
import { durationMs } from '../../../service/bounded-duration.ts'
import type { ReserveOptions } from '../../../service/reservations.ts'
import { allRequired, schemaRef } from '../answer-schemas.ts'
import { askService } from '../ask-service.ts'
import { bodyOf, type FIELDS, fieldsOf, REQUEST_FIELDS } from '../body-fields.ts'
import type { LimitBody } from '../decode.ts'
import { sendDecision } from '../encode.ts'
import type { Route } from '../http-route.ts'
import { objectOf } from '../json-schema.ts'
import { rethrowAtField } from '../rethrow-at-field.ts'
import { ALWAYS_200, decided, wants200 } from './decisions.ts'

const TTL_MAX_MS = 86_400_000

const SETTLED = allRequired({
  settled: { type: 'boolean', description: 'Whether this call did it.' },
  actual: {
    type: ['integer', 'null'],
    minimum: 0,
    description: 'The cost in force; null once its ttl is over.',
  },
})

type ReserveBody = LimitBody & ReserveOptions

export const RESERVATION_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/v1/reserve',
    summary: 'Spends an estimate, to be settled later at the actual cost.',
    body: bodyOf(...REQUEST_FIELDS, 'ttl', 'deadlineMs'),
    query: ALWAYS_200,
    responses: decided(schemaRef('Reserved')),
    handler: async ({ request, reply, service, transport }) => {
      const { ttl = '5m', deadlineMs, ...body } = request.body as ReserveBody
      const options = {
        transport,
        ttl: durationMs(ttl, 'ttl', TTL_MAX_MS),
        ...(deadlineMs !== undefined && { deadlineMs }),
      }
      const { decision, id, inForce, ...more } = await askService(service, { request, body }, (written) =>
        service.reserve(written, options),
      )
      return sendDecision(reply, decision, { always200: wants200(request), service, inForce, id, more })
    },
  },
  {
    method: 'POST',
    path: '/v1/extend',
    summary: 'Spends more for a reservation; from then on the new text stands for all of it.',
    body: tokenBody('reservation', 'more'),
    query: ALWAYS_200,
    responses: decided(schemaRef('Reserved')),
    handler: async ({ request, reply, service, transport }) => {
      const { reservation, more } = request.body as { reservation: string; more: number }
      const { decision, id, inForce, ...extended } = await service
        .extend(reservation, more, { transport })
        .catch(rethrowAtField)
      return sendDecision(reply, decision, {
        always200: wants200(request),
        service,
        inForce,
        id,
        more: extended,
      })
    },
  },
  {
    method: 'POST',
    path: '/v1/settle',
    summary: 'Settles a reservation at the actual cost, at most once wherever that is asked.',
    body: tokenBody('reservation', 'actual'),
    query: objectOf({}),
    responses: { 200: { description: 'How it is settled.', schema: SETTLED } },
    handler: ({ request, service }): Promise<Settled> => {
      const { reservation, actual } = request.body as { reservation: string; actual: number }
      return service.settle(reservation, actual).catch(rethrowAtField)
    },
  },
  {
    method: 'POST',
    path: '/v1/cancel',
    summary: 'Settles a reservation at 0: gives back what is still to be had of it.',
    body: tokenBody('reservation'),
    query: objectOf({}),
    responses: { 200: { description: 'How it is settled.', schema: SETTLED } },
    handler: ({ request, service }): Promise<Settled> => {
      const { reservation } = request.body as { reservation: string }
      return service.settle(reservation, 0).catch(rethrowAtField)
    },
  },
]

function tokenBody(...names: readonly (keyof typeof FIELDS)[]): ReturnType<typeof objectOf> {
  return objectOf(fieldsOf(...names), names)
}
