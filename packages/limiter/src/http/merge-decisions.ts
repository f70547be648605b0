import type { Decision, RuleView } from '../core/decision.ts'

/**
 * The decisions of several limiters on one request as one, in the order of the limiters: the denial, which is the last, or else the
 * one with the least left, with the rules of all. Two limiters of one name are told apart: the second `default` is `default-2`.
 */
export function mergeDecisions(decisions: readonly [Decision, ...Decision[]]): Decision {
  if (decisions.length === 1) return decisions[0]
  const named = withOwnNames(decisions)
  const binding = named.find(({ allowed }) => !allowed) ?? named.reduce(lesser)
  const all = [binding, ...named.filter((one) => one !== binding)]
  return {
    ...binding,
    rules: distinct(all.flatMap(({ rules }) => rules)),
    shadow: all.flatMap(({ shadow }) => shadow),
  }
}

function lesser(one: Decision, other: Decision): Decision {
  return leftOf(other) < leftOf(one) ? other : one
}

function leftOf({ remaining }: Decision): number {
  return remaining ?? Number.POSITIVE_INFINITY
}

function withOwnNames(decisions: readonly Decision[]): Decision[] {
  /** By name, the rates of the rules of whoever has it: one object for all decisions of a limiter. */
  const owners = new Map<string, Set<RuleView['rate']>>()
  return decisions.map((decision) => {
    const names = new Map<string, string>()
    for (const { policy } of decision.rules) {
      if (!names.has(policy)) names.set(policy, nameFor(policy, decision, owners))
    }
    const nameOf = (policy: string): string => names.get(policy) ?? policy
    return renamed(decision, nameOf)
  })
}

/** The name of a policy where nobody before has it, or who has it is the same limiter; else with a number. */
function nameFor(policy: string, { rules }: Decision, owners: Map<string, Set<RuleView['rate']>>): string {
  const rates = rules.filter((rule) => rule.policy === policy).map(({ rate }) => rate)
  for (let n = 1; ; n++) {
    const name = n === 1 ? policy : `${policy}-${n}`
    const owned = owners.get(name) ?? new Set()
    if (owned.size > 0 && !rates.some((rate) => owned.has(rate))) continue
    owners.set(name, new Set([...owned, ...rates]))
    return name
  }
}

function renamed(decision: Decision, nameOf: (policy: string) => string): Decision {
  const { policy } = decision
  if (decision.rules.every((rule) => nameOf(rule.policy) === rule.policy)) return decision
  const rules = decision.rules.map((rule) => ({ ...rule, policy: nameOf(rule.policy) }))
  return { ...decision, policy: policy === null ? null : nameOf(policy), rules }
}

/** Each rule once, as it was told first: a limiter may judge a request twice. */
function distinct(rules: readonly RuleView[]): RuleView[] {
  const known = new Set<string>()
  return rules.filter(({ policy, rule }) => {
    const id = JSON.stringify([policy, rule])
    return !known.has(id) && known.add(id) !== undefined
  })
}
