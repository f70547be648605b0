import { basicCases } from './basics.ts'
import { costCases } from './costs.ts'
import { denialCases } from './denials.ts'
import { headerCases } from './headers.ts'
import { keyCases } from './keys.ts'
import { routeCases } from './routes.ts'
import { settlementCases } from './settlement.ts'
import { severalCases } from './several.ts'
import { storeCases } from './stores.ts'
import type { AdapterCase, AdapterSubject } from './subject.ts'

export type {
  AdapterCase,
  AdapterSubject,
  AnyOptions,
  AppUnderTest,
  Reply,
  RouteUnderTest,
  RunningApp,
} from './subject.ts'

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
