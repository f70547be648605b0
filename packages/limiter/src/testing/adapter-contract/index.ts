import { basicCases } from './adapter-basics.ts'
import { costCases } from './adapter-costs.ts'
import { denialCases } from './adapter-denials.ts'
import { headerCases } from './adapter-headers.ts'
import { keyCases } from './adapter-keys.ts'
import { routeCases } from './adapter-routes.ts'
import { settlementCases } from './adapter-settlement.ts'
import { severalCases } from './adapter-several.ts'
import { storeCases } from './adapter-stores.ts'
import type { AdapterCase, AdapterSubject } from './adapter-subject.ts'

export type {
  AdapterCase,
  AdapterSubject,
  AnyOptions,
  AppUnderTest,
  Reply,
  RouteUnderTest,
  RunningApp,
} from './adapter-subject.ts'

/** What every adapter must do, as data. Run each case as a test of its own; over real sockets. */
export function adapterContract({ hasRoutes }: Pick<AdapterSubject, 'hasRoutes'>): readonly AdapterCase[] {
  const cases = [
    ...basicCases,
    ...headerCases,
    ...keyCases,
    ...costCases,
    ...settlementCases,
    ...denialCases,
    ...storeCases,
    ...severalCases,
  ]
  return hasRoutes ? [...cases, ...routeCases] : cases
}
