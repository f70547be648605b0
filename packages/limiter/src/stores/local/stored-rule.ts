import type { Algorithm, RuleSpec } from '../../core/algorithm.ts'
import { builtIns, nameOfAlgorithm } from '../../core/algorithms/registry.ts'
import { HeadgateError } from '../../core/errors.ts'
import { type Algorithms, type Rule, ruleOf } from '../../core/rule.ts'
import { standingRule } from './standing-rule.ts'

/** A rule as plain data: what its algorithm compiles again, which tells whether its state still means the same. */
export interface StoredRule {
  readonly algorithm: string
  readonly name: string
  readonly identity: string
  readonly spec: Omit<RuleSpec, 'path'>
}

export function storedRule({ algorithm, identity, spec: { path: _, ...spec } }: Rule): StoredRule {
  return { algorithm: nameOfAlgorithm(algorithm), name: identity.name, identity: identity.text, spec }
}

/** The rule again; null where its algorithm is not known, or its state no longer means the same. */
export function ruleAgain(stored: StoredRule, custom: Algorithms): Rule | null {
  if (stored.identity === standingRule.identity.text) return standingRule
  const { name, identity, spec } = stored
  const algorithm: Algorithm | undefined = builtIns.get(stored.algorithm) ?? custom.get(stored.algorithm)
  if (algorithm === undefined) return null
  try {
    const rule = ruleOf({ ...spec, path: 'snapshot' }, algorithm, { stateName: name })
    return rule.identity.text === identity ? rule : null
  } catch (reason) {
    // A time zone that this machine does not know, or a limit that this version refuses.
    if (HeadgateError.is(reason)) return null
    throw reason
  }
}
