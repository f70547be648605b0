import type { ConditionView, Explanation, PolicyExplanation } from 'headgate'
import { isLimitAttribute, LIMIT_ATTRIBUTE } from './envoy/limit-domains.ts'
import { GATE_ATTRIBUTE } from './gates.ts'
import { isShownEntry, shownEntries } from './shown-entries.ts'

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
  // At which gate a policy is asked is no condition that anybody wrote.
  const written = conditions.filter(({ attribute }) => attribute !== GATE_ATTRIBUTE)
  return { ...policy, conditions: written.map(shownCondition), key: key && shownKey(key) }
}

function shownKey(key: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(key).map(([name, value]) => [name, shownValue(name, value, () => HIDDEN)]),
  )
}

function shownCondition(condition: ConditionView): ConditionView {
  const { attribute, value, wanted } = condition
  return {
    ...condition,
    value: value === null ? null : shownValue(attribute, value, () => HIDDEN),
    wanted: WANTED.includes(attribute) || isLimitAttribute(attribute) ? wanted : [],
  }
}

/** A value that a request has there, as it may be shown: with `hide` of it, or of its parts, that may be secrets. */
export function shownValue(attribute: string, value: string, hide: (value: string) => string): string {
  if (!isShown(attribute)) return hide(value)
  return hasEntries(attribute) ? shownEntries(value, hide) : value
}

/** Whether the service says what a request has there, or at least something of it. */
export function isShown(attribute: string): boolean {
  if (attribute.startsWith(OF_ENTRY)) return isShownEntry(attribute.slice(OF_ENTRY.length))
  return SHOWN.includes(attribute) || isLimitAttribute(attribute)
}

/** Begins the name of one entry of a descriptor. */
const OF_ENTRY = 'descriptor.'

/** Whether a value there is a list of entries, of which each is shown or not. */
function hasEntries(attribute: string): boolean {
  return attribute === 'descriptor' || (isLimitAttribute(attribute) && attribute !== LIMIT_ATTRIBUTE)
}
