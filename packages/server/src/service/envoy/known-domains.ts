import type { PolicyOptions } from 'headgate'
import { wildcardTest } from '../wildcard.ts'

/** Tells the domains that policies ask for in their `match`: elsewhere a limit that comes with a descriptor has no effect. */
export function knownDomains(policies: readonly PolicyOptions[]): (domain: string) => boolean {
  const wanted = policies.flatMap(({ match }) => [match?.['domain'] ?? []].flat().map(String))
  // What only asks that there is a domain names none.
  const exact = new Set(wanted.filter((one) => one !== '*'))
  const tests = [...exact].filter((one) => one.includes('*')).map(wildcardTest)
  return (domain) => exact.has(domain) || tests.some((test) => test(domain))
}
