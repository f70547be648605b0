import type { Rule } from './rule.ts'
import { WINDOWS_MAX } from './state-identity.ts'

/** A rule name that has more windows than a key holds. */
export interface CrowdedRule {
  readonly name: string
  /** How many windows, or rates of a bucket, the name has: 6 or more. */
  readonly windows: number
}

/**
 * The first name that has more windows (for a bucket: rates) among these rules than the 5 that a key holds; the key would
 * forget the one spent from longest ago. Undefined where there is none. Rules with a limit of 0 have no state and do not count.
 */
export function crowdedRule(rules: readonly Rule[]): CrowdedRule | undefined {
  const windows = new Map<string, Set<string>>()
  for (const { identity, denies } of rules) {
    if (denies) continue
    const ofName = windows.get(identity.name) ?? new Set()
    windows.set(identity.name, ofName.add(identity.text))
  }
  for (const [name, { size }] of windows) if (size > WINDOWS_MAX) return { name, windows: size }
  return undefined
}
