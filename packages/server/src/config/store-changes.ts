import { isDeepStrictEqual } from 'node:util'
import type { NotInForce } from '../service/configuration.ts'
import type { StoresConfig } from './stores.ts'

const RESILIENCE = { deadlineMs: 'deadline', onStoreError: 'onStoreError', replicas: 'replicas' } as const

const OPENED_BY = ['url', 'prefix'] as const

/** What another file says of stores otherwise than the file that they were opened by: it has no effect before a restart. */
export function storeChanges(open: StoresConfig, next: StoresConfig): NotInForce[] {
  const names = new Set([...Object.keys(open.stores), ...Object.keys(next.stores)])
  const several = names.size > 1
  const paths = [...names].flatMap((name) => {
    const at = several ? `stores.${name}` : 'store'
    const [before, after] = [open.stores[name], next.stores[name]]
    if (before === undefined || after === undefined) return [at]
    return OPENED_BY.filter((field) => before[field] !== after[field]).map((field) => `${at}.${field}`)
  })
  const shared = (['deadlineMs', 'onStoreError', 'replicas'] as const)
    .filter((field) => !isDeepStrictEqual(open.resilience[field], next.resilience[field]))
    .map((field) => `${several ? 'stores.main' : 'store'}.${RESILIENCE[field]}`)
  return [...paths, ...shared].map((path) => {
    return { path, message: `${path} has changed, which takes a restart; until then the old value holds` }
  })
}
