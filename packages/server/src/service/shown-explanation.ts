import type { ConditionView, Explanation, PolicyExplanation } from 'headgate'
import { isLimitAttribute } from './envoy/limit-domains.ts'

/** Attributes of which the service says what a request has: those that are no secrets of anybody. */
const SHOWN: readonly string[] = [
  'path',
  'method',
  'host',
  'domain',
  'ip',
  'user',
  'role',
  'tenant',
  'descriptor',
]

/** Attributes of which it also says what the configuration wants: the others tell people apart. */
const WANTED: readonly string[] = ['path', 'method', 'host', 'domain', 'descriptor']

/** What stands in place of a value that may be a secret, such as an API key. */
const HIDDEN = '…'

/** An explanation as every interface shows it: without values by which callers prove who they are. */
export function shownExplanation({ listed, policies, decision }: Explanation): Explanation {
  return {
    listed: listed && { ...listed, conditions: listed.conditions.map(shownCondition) },
    policies: policies.map(shownPolicy),
    decision,
  }
}

function shownPolicy(policy: PolicyExplanation): PolicyExplanation {
  const { conditions, key } = policy
  return { ...policy, conditions: conditions.map(shownCondition), key: key && shownKey(key) }
}

function shownKey(key: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(key).map(([name, value]) => [name, isShown(name) ? value : HIDDEN]),
  )
}

function shownCondition(condition: ConditionView): ConditionView {
  const { attribute, value, wanted } = condition
  return {
    ...condition,
    value: value === null || isShown(attribute) ? value : HIDDEN,
    wanted: WANTED.includes(attribute) || isLimitAttribute(attribute) ? wanted : [],
  }
}

/** Whether the service says what a request has there. */
export function isShown(attribute: string): boolean {
  return SHOWN.includes(attribute) || isLimitAttribute(attribute)
}
