import { compilePolicies } from 'headgate/policies'
import { DEADLINE_MS } from 'headgate/store'
import type { Config } from '../../../config/config.ts'
import { withoutStore } from '../../../config/stores.ts'
import type { ExaminedStore } from './store-examination.ts'

/** The stores of a configuration, with what rules and service expect of them. */
export function examinedStores({ stores, policies, resilience }: Config): ExaminedStore[] {
  const { deadlineMs = DEADLINE_MS, replicas = 'auto' } = resilience
  const [main] = Object.keys(stores)
  const windows = compilePolicies(policies.map(withoutStore)).map(({ rules }) =>
    rules.map(({ windowMs }) => windowMs),
  )
  return Object.entries(stores).map(([name, { url, prefix }]) => {
    const own = windows.filter((_, i) => (policies[i]?.store ?? main) === name).flat()
    return { name, url, prefix, deadlineMs, replicas, longestWindowMs: Math.max(0, ...own) }
  })
}
