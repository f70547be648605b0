/** Finds policies that callers tell of costs when these are spent, and that deny what does not fit. */

import type { Decision } from 'headgate'
import type { ConfigurationInForce } from '../in-force.ts'
import type { DescriptorAsk } from './plan-descriptors.ts'

/** By name, of one configuration. */
interface Seen {
  /** Asked with 0: whether anything is left. */
  readonly looked: Set<string>
  readonly warned: Set<string>
}

const seenOf = new WeakMap<ConfigurationInForce, Seen>()

/** Warns once of each policy that was asked with 0, is then told of more than 1, and would lose what crosses its limit. */
export function watchLateCosts(
  { request: { cost, verb }, countsAnyway }: DescriptorAsk,
  { rules }: Decision,
  inForce: ConfigurationInForce,
): void {
  // Whoever asks with 1 does not know that anything is reported.
  if (cost === 1 || verb === 'credit' || countsAnyway) return
  let seen = seenOf.get(inForce)
  if (seen === undefined) {
    seen = { looked: new Set(), warned: new Set() }
    seenOf.set(inForce, seen)
  }
  for (const { policy } of rules) {
    if (cost === 0) seen.looked.add(policy)
    else if (seen.looked.has(policy) && !seen.warned.has(policy) && losesCosts(policy, inForce)) {
      seen.warned.add(policy)
      warn(policy)
    }
  }
}

function losesCosts(name: string, { policies }: ConfigurationInForce): boolean {
  const found = policies.find((policy) => policy.name === name)
  return found !== undefined && found.overdraw !== true
}

function warn(policy: string): void {
  const message = `Policy "${policy}" is asked with 0 and told later what was spent, and what does not fit by then is not counted; give it overdraw: true`
  process.emitWarning(message, { type: 'HeadgateWarning', code: 'HEADGATE_LATE_COST' })
}
