import type { Decision, PolicyOptions, Reason, Receipt, RuleView, ShadowView } from 'headgate'
import { readableShownKey } from '../service/observe/shown-key.ts'
import { KeyTally } from './key-tally.ts'
import type { CountedKey, PolicyResult, RuleResult } from './play-report.ts'

interface RuleCounts {
  judged: number
  denied: number
  binding: number
}

interface PolicyCounts {
  passed: number
  denied: number
  readonly rules: Map<string, RuleCounts>
  readonly shadow: Map<string, RuleCounts>
  readonly asked: KeyTally
  readonly deniedKeys: KeyTally
}

/** Counts what is decided, by reason, policy, rule and key. */
export class PlayCounts {
  readonly reasons = new Map<Reason, number>()
  readonly #policies = new Map<string, PolicyCounts>()

  /** Counts a decision, but for its keys. */
  add(decision: Decision): void {
    const { reason, rules, shadow, policy, rule } = decision
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1)
    let last = ''
    for (let i = 0; i < rules.length; i++) {
      const view = rules[i] as RuleView
      const counts = this.#of(view.policy)
      const own = countsOf(counts.rules, view.rule)
      own.judged++
      if (view.retryAfterMs !== 0) own.denied++
      // Once for a policy, which may have several rules.
      if (decision.allowed && view.policy !== last) counts.passed++
      last = view.policy
    }
    for (let i = 0; i < shadow.length; i++) this.#addShadow(shadow[i] as ShadowView)
    if (decision.allowed || policy === null) return
    const counts = this.#of(policy)
    counts.denied++
    if (rule !== null) countsOf(counts.rules, rule).binding++
  }

  /** Counts the keys that a request spent from. */
  addSpent(receipt: Receipt): void {
    this.addAsked(receipt.origin.policy, receipt.key)
    const { others } = receipt
    for (let i = 0; i < others.length; i++) {
      const other = others[i] as Receipt['others'][number]
      this.addAsked(other.origin.policy, other.key)
    }
  }

  addAsked(policy: string, key: string): void {
    this.#of(policy).asked.add(key)
  }

  addDenied(policy: string, key: string): void {
    this.#of(policy).deniedKeys.add(key)
  }

  /** In the order of the policies; `top` keys of each. */
  results(policies: readonly PolicyOptions[], top: number): PolicyResult[] {
    return policies
      .filter(({ mode }) => mode !== 'off')
      .map((options) => {
        const { name } = options
        const { passed, denied, rules, shadow, asked, deniedKeys } = this.#of(name)
        const shown = (tally: KeyTally): CountedKey[] => topKeys(tally, options, top)
        return {
          policy: name,
          passed,
          denied,
          rules: ruleResults(rules),
          shadow: ruleResults(shadow),
          mostAsked: shown(asked),
          mostDenied: shown(deniedKeys),
        }
      })
  }

  #addShadow({ policy, rule, allowed }: ShadowView): void {
    const own = countsOf(this.#of(policy).shadow, rule)
    own.judged++
    if (!allowed) own.denied++
  }

  #of(policy: string): PolicyCounts {
    const known = this.#policies.get(policy)
    if (known !== undefined) return known
    const made: PolicyCounts = {
      passed: 0,
      denied: 0,
      rules: new Map(),
      shadow: new Map(),
      asked: new KeyTally(),
      deniedKeys: new KeyTally(),
    }
    this.#policies.set(policy, made)
    return made
  }
}

function countsOf(rules: Map<string, RuleCounts>, rule: string): RuleCounts {
  const known = rules.get(rule)
  if (known !== undefined) return known
  const made = { judged: 0, denied: 0, binding: 0 }
  rules.set(rule, made)
  return made
}

function ruleResults(rules: ReadonlyMap<string, RuleCounts>): RuleResult[] {
  return [...rules].map(([rule, counts]) => ({ rule, ...counts }))
}

/** The heaviest keys, as they may be shown. */
export function topKeys(tally: KeyTally, options: PolicyOptions, top: number): CountedKey[] {
  return tally.top(top).map(({ key, weight, error }) => {
    return { key: readableShownKey(key, options), count: weight, error }
  })
}
