import type { PolicyOptions, RuleOptions } from 'headgate'
import { compilePolicies } from 'headgate/policies'
import type { Configuration } from '../service/configuration.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { Judge, type Played } from './judge.ts'
import type { PlayReport } from './play-report.ts'
import type { PlayedRequest } from './played-request.ts'
import type { ReplayEngineOptions } from './replay-engine.ts'

/** Which rule is tried with other limits. */
export interface SweptRule {
  readonly policy: string
  readonly rule: string
}

/** What came of one limit. */
export interface SweepPointView {
  readonly limit: number
  /** Of all requests, whichever rule denied them. */
  readonly denied: number
  /** Those that the denial names this rule for. */
  readonly byRule: number
  readonly requests: number
}

/** What a looser or tighter number would have done. */
export interface SweepReport extends SweptRule {
  /** The limit of the configuration. */
  readonly limit: number
  readonly windowMs: number
  /** The limits in order, that of the configuration among them. */
  readonly points: readonly SweepPointView[]
}

/** Limits that are tried where none are named, as parts of the limit of the configuration. */
const PARTS = [0.25, 0.5, 0.75, 1, 1.5, 2, 4]

/** Plays a log with other limits of one rule; all other rules stay as they are. What its own limit does is known by whoever plays the configuration. */
export class Sweep {
  readonly points: readonly SweepPoint[]
  readonly #rule: SweptRule
  readonly #limit: number
  readonly #windowMs: number

  /** `limits`: those to try; undefined: parts and multiples of that of the configuration. */
  constructor(options: ReplayEngineOptions, rule: SweptRule, limits?: readonly number[]) {
    const { configuration } = options
    const { place, limit, windowMs } = findRule(configuration, rule)
    const tried = limits ?? PARTS.map((part) => Math.max(1, Math.round(limit * part)))
    this.#rule = rule
    this.#limit = limit
    this.#windowMs = windowMs
    this.points = [...new Set(tried)]
      .filter((one) => one !== limit)
      .map((one) => {
        const policies = withLimit(configuration.policies, { ...rule, place, limit: one })
        return new SweepPoint({ ...options, configuration: { ...configuration, policies } }, rule, one)
      })
  }

  /** `played`: what came of the configuration as it is. */
  report({ requests, denied, policies }: PlayReport): SweepReport {
    const { policy, rule } = this.#rule
    const { rules = [] } = policies.find((one) => one.policy === policy) ?? {}
    const { binding: byRule = 0 } = rules.find((one) => one.rule === rule) ?? {}
    const points = [...this.points.map((point) => point.view()), { limit: this.#limit, denied, byRule }]
      .map((point) => ({ ...point, requests }))
      .sort((a, b) => a.limit - b.limit)
    return { ...this.#rule, limit: this.#limit, windowMs: this.#windowMs, points }
  }

  async close(): Promise<void> {
    await Promise.all(this.points.map((point) => point.close()))
  }
}

/** One limit: an engine of its own, which plays the configuration with this number. */
export class SweepPoint {
  readonly #judge: Judge
  readonly #rule: SweptRule
  readonly #limit: number
  #denied = 0
  #byRule = 0

  constructor(options: ReplayEngineOptions, rule: SweptRule, limit: number) {
    this.#judge = new Judge(options)
    this.#rule = rule
    this.#limit = limit
  }

  play(request: PlayedRequest): Played | Promise<Played> {
    const decided = this.#judge.decide(request)
    return decided instanceof Promise ? decided.then((one) => this.#took(one)) : this.#took(decided)
  }

  view(): Omit<SweepPointView, 'requests'> {
    return { limit: this.#limit, denied: this.#denied, byRule: this.#byRule }
  }

  close(): Promise<void> {
    return this.#judge.engine.close()
  }

  #took(decision: Played): Played {
    if (decision?.allowed !== false) return decision
    this.#denied++
    const { policy, rule } = this.#rule
    if (decision.policy === policy && decision.rule === rule) this.#byRule++
    return decision
  }
}

/** Where a rule stands in its policy, and its numbers. */
interface FoundRule {
  readonly place: number
  readonly limit: number
  readonly windowMs: number
}

function findRule({ policies }: Configuration, { policy, rule }: SweptRule): FoundRule {
  const named = policies.find(({ name }) => name === policy)
  if (named === undefined) {
    const names = policies.map(({ name }) => name).join(', ')
    throw wrongUsage(`--sweep names the policy ${policy}, and there are ${names}`)
  }
  const { store: _, ...own } = named
  const [view] = compilePolicies([own])
  const rules = view?.rules ?? []
  const place = rules.findIndex(({ name }) => name === rule)
  const found = rules[place]
  if (found !== undefined) return { place, limit: found.limit, windowMs: found.windowMs }
  const names = rules.map(({ name }) => `${policy}/${name}`).join(', ')
  throw wrongUsage(`--sweep names the rule ${policy}/${rule}, and the policy has ${names}`)
}

interface OtherLimit extends SweptRule {
  readonly place: number
  readonly limit: number
}

/** The policies with another limit of one rule, whose burst stays as it is where it is written. */
function withLimit(policies: readonly PolicyOptions[], other: OtherLimit): PolicyOptions[] {
  return policies.map((policy) => {
    if (policy.name !== other.policy) return policy
    const rules = policy.rules.map((rule, i) => (i === other.place ? ruleWithLimit(rule, other.limit) : rule))
    return { ...policy, rules }
  })
}

function ruleWithLimit(rule: RuleOptions | string, limit: number): RuleOptions | string {
  if (typeof rule === 'string') return rateWithLimit(rule, limit)
  const { limit: rate } = rule
  return {
    ...rule,
    limit: typeof rate === 'string' ? rateWithLimit(rate, limit) : { ...rate, limit },
  }
}

function rateWithLimit(rate: string, limit: number): string {
  return rate.replace(/^\s*\d+/, String(limit))
}
