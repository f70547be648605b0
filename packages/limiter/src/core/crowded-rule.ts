import type { Rule } from './rule.ts'
import { WINDOWS_MAX } from './state-identity.ts'

/** A name of rules, and how many windows it has. */
export interface CrowdedRule {
  readonly name: string
  readonly windows: number
}

/**
 * The first name of which these rules have more windows (bucket rates) than a key holds, which would forget what was
 * spent from longest ago; undefined where none has. Rules that deny have no state.
 */
export function crowdedRule(rules: readonly Rule[]): CrowdedRule | undefined {
  const windows = new Map<string, Set<string>>()
  for (const { identity, denies } of rules) {
    if (denies) continue
    const known = windows.get(identity.name) ?? new Set()
    windows.set(identity.name, known.add(identity.text))
  }
  for (const [name, { size }] of windows) if (size > WINDOWS_MAX) return { name, windows: size }
  return undefined
}
