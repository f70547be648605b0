import { type Clock, TIMER_SLACK_MS } from '../core/clock.ts'
import type { Decision, RuleView, ShadowView } from '../core/decision.ts'
import { HeadgateError, invalid } from '../core/errors.ts'
import type { Explanation } from '../core/explanation.ts'
import type { HashedKeys } from '../core/hash-keys.ts'
import { encodeText, type Who } from '../core/key.ts'
import type { BudgetOptions, CallOptions } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import { nextSpend } from '../core/spend-id.ts'
import {
  type AtOnceStore,
  isAtOnce,
  isSync,
  type Store,
  type SyncStore,
  type Verb,
  type Verdicts,
} from '../core/store.ts'
import type { PolicyContext } from '../policies/compile-policy.ts'
import type { PolicyBudget } from '../policies/policy-budget.ts'
import { PolicySet, type PolicySetOptions } from '../policies/policy-set.ts'
import type { PolicyKey, RequestMatch } from '../policies/request-match.ts'
import { LoadedPolicies } from '../policies/source/loaded-policies.ts'
import type { PolicySource } from '../policies/source/policy-source.ts'
import { warnOfTooManyWindows } from '../policies/window-warning.ts'
import { ANSWER_MS } from '../resilience/deadline/answer-time.ts'
import { checkCall, NO_OPTIONS } from './check-call.ts'
import { decisionOf, decisionWithoutStore, denyingView } from './limit-decision.ts'
import { type PolicyRequest, refundsOf } from './make-receipt.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import type { DecideInStore, PreparedCall } from './prepared-call.ts'
import type { StoreCall } from './rule-views.ts'
import { deniedViews } from './shadow-views.ts'
import { simpleDecision } from './simple-decision.ts'
import { whenResolved } from './when-resolved.ts'

/** What a {@link Decider} is made of. */
export interface DeciderParts {
  readonly policies: PolicySetOptions
  readonly context: PolicyContext
  readonly store: Store
  readonly clock: Clock
  readonly enabled: () => boolean
  /** Policies of a source, loaded by key; those in `policies` are then none, and its lists hold for all keys. */
  readonly source?: PolicySource | undefined
}

/** What the most common decision needs: `consume` of a plain key that is not hashed, on one rule, in a synchronous store. */
interface HotPath {
  readonly budget: PolicyBudget
  readonly store: SyncStore
  readonly enabled: () => boolean
  readonly slackMs: number
}

/** Policies that apply to a call, whose they are, and since when its answer time counts where they had to be found. */
interface PoliciesInUse {
  readonly set: PolicySet
  readonly scope: string | undefined
  readonly sinceUs: number | undefined
}

/** What a call does; an `attempt` is a `consume` whose denial is no offence, see `BudgetRequest.blameless`. */
type CallVerb = Verb | 'attempt'

/** Makes decisions: finds the budgets of a call and their keys, calls the store once, and reads its verdicts. */
export class Decider {
  readonly #parts: DeciderParts
  readonly #sync: SyncStore | null
  readonly #atOnce: AtOnceStore | null
  readonly #slackMs: number
  readonly #hashedKeys: HashedKeys | null
  #policies: PolicySet
  readonly #source: LoadedPolicies | null
  #hot: HotPath | null

  constructor(parts: DeciderParts) {
    const { store, clock } = parts
    this.#parts = parts
    this.#hashedKeys = parts.context.hashedKeys ?? null
    this.#sync = isSync(store) ? store : null
    this.#atOnce = isAtOnce(store) ? store : null
    this.#slackMs = clock.timerSlackMs ?? TIMER_SLACK_MS
    this.#policies = new PolicySet(parts.policies, parts.context)
    this.#source = parts.source === undefined ? null : new LoadedPolicies(parts.source, parts.context, clock)
    this.#hot = this.#hotPath()
    for (const policy of this.#policies.policies) warnOfTooManyWindows(policy)
  }

  /** The policies in force, compiled. */
  get policies(): PolicySet {
    return this.#policies
  }

  /** Puts other policies in force as one change; throws and changes nothing where one of them is invalid. */
  replace(policies: PolicySetOptions): void {
    this.#policies = new PolicySet(policies, this.#parts.context, this.#policies)
    this.#hot = this.#hotPath()
    for (const policy of this.#policies.policies) warnOfTooManyWindows(policy)
  }

  /** `consume` without a promise. A plain key on one rule takes the hot path. */
  consumeSync(who: Who, options: CallOptions): Decision {
    const hot = this.#hot
    if (hot === null || options !== NO_OPTIONS || typeof who !== 'string' || !hot.enabled()) {
      return this.#consumeSlowPath(who, options)
    }
    const request = { budget: hot.budget, key: encodeText(who), cost: 1 }
    return simpleDecision(request, hot.store.decideSync('consume', [request]), hot.slackMs)
  }

  /** `consume`, without a promise where the store answers synchronously. */
  consume(who: Who, options: CallOptions): Decision | Promise<Decision> {
    if (this.#hot !== null) return this.consumeSync(who, options)
    const request = options === NO_OPTIONS ? this.#simpleRequest(who) : null
    if (request === null) return this.decide('consume', who, options)
    if (this.#sync !== null) return this.#decideSimple(request, this.#sync.decideSync('consume', [request]))
    const verdicts = this.#atOnce?.decideAtOnce('consume', [request]) ?? null
    if (verdicts !== null) return this.#decideSimple(request, verdicts)
    return this.#parts.store
      .decide('consume', [request])
      .then((fromStore) => this.#decideSimple(request, fromStore))
  }

  /** The decision on any call, without a promise where neither policies nor the store need one. */
  decide(verb: CallVerb, who: Who, options: CallOptions): Decision | Promise<Decision> {
    const prepared = this.prepare(verb, who, options)
    const outcome = whenResolved(prepared, (call) => this.run(call, options))
    return whenResolved(outcome, ({ decision }) => decision)
  }

  /** Checks the options of a call and finds the budgets it spends from, before anything is spent. */
  prepare(verb: CallVerb, who: Who, options: CallOptions): PreparedCall | Promise<PreparedCall> {
    const cost = checkCall(options)
    return this.#withPolicies(who, options, ({ set, scope, sinceUs }) =>
      this.#prepared(verb, set.match(who, options, scope), { cost, sinceUs }),
    )
  }

  /** What `consume` would answer, and why; peeks once, whatever the number of policies. */
  async explain(who: Who, options: CallOptions): Promise<Explanation> {
    const cost = checkCall(options)
    const explanation = await this.#withPolicies(who, options, async ({ set, scope, sinceUs }) => {
      const { match, ...explained } = set.explain(who, options, scope)
      const { decision } = await this.run(this.#prepared('peek', match, { cost, sinceUs }), options)
      return { ...explained, decision }
    })
    const { decision } = explanation
    const views = [...decision.rules, ...decision.shadow]
    const rulesOf = (name: string): RuleView[] => views.filter(({ policy }) => policy === name)
    const policies = explanation.policies.map((one) => ({ ...one, rules: rulesOf(one.policy) }))
    return { listed: explanation.listed, policies, decision }
  }

  #prepared(
    verb: CallVerb,
    { listed, keys }: RequestMatch,
    { cost, sinceUs }: Pick<PreparedCall, 'cost' | 'sinceUs'>,
  ): PreparedCall {
    const spend = nextSpend()
    const requests: PolicyRequest[] = []
    const deniedInShadow: ShadowView[] = []
    for (const { budget, key, cost: units } of keys) {
      const isAsked = budget.enforces || budget.rules.length > 0
      if (!isAsked) deniedInShadow.push(...deniedViews(budget))
      else if (verb === 'attempt') requests.push({ budget, key, cost: units, spend, blameless: true })
      else requests.push({ budget, key, cost: units, spend })
    }
    return {
      // A cost of 0 spends nothing: it passes unless the budget is in debt.
      verb: keys.every((one) => one.cost === 0) ? 'peek' : verb === 'attempt' ? 'consume' : verb,
      requests,
      ...(deniedInShadow.length > 0 && { deniedInShadow }),
      cost,
      slackMs: this.#slackMs,
      listed,
      sinceUs,
    }
  }

  /** Keys that attributes determine, in the policies that apply to them. */
  determinedKeys(who: Who, options: BudgetOptions): PolicyKey[] | Promise<PolicyKey[]> {
    return this.#withPolicies(who, {}, ({ set, scope }) => set.determinedKeys(who, options, scope))
  }

  /** Budgets that a request spends from, as far as that is known without waiting. */
  reachedKeys(who: Who, options: BudgetOptions): readonly PolicyKey[] {
    if (!this.#parts.enabled()) return []
    // With a cost, since that of a policy may need attributes that a key does not.
    const asked = { ...options, cost: 0 }
    if (this.#source === null) return this.#policies.match(who, asked).keys
    const isListed = this.#policies.match(who, {}).listed !== null
    const known = isListed ? null : this.#source.known(who)
    return known === null ? [] : known.set.match(who, asked, known.scope).keys
  }

  /** Budgets that a reset reaches, as far as that is known without waiting. */
  knownDeterminedKeys(who: Who, options: BudgetOptions): readonly PolicyKey[] {
    if (this.#source === null || this.#policies.match(who, {}).listed !== null) {
      return this.#policies.determinedKeys(who, options)
    }
    const known = this.#source.known(who)
    return known === null ? [] : known.set.determinedKeys(who, options, known.scope)
  }

  /** Has the policies of one key of the source, or of all, loaded again. */
  invalidate(key?: string | number): void {
    if (this.#source === null)
      throw invalid('policies', 'they come from no policySource, so nothing was loaded')
    this.#source.invalidate(key)
  }

  /** Whether policies come from a source. */
  get isSourced(): boolean {
    return this.#source !== null
  }

  /** Calls `use` with the policies that apply: of a source those of the request, but where a list has decided. */
  #withPolicies<R>(
    who: Who,
    { deadlineMs = ANSWER_MS }: Pick<CallOptions, 'deadlineMs'>,
    use: (found: PoliciesInUse) => R | Promise<R>,
  ): R | Promise<R> {
    const own: PoliciesInUse = { set: this.#policies, scope: undefined, sinceUs: undefined }
    if (this.#source === null || !this.#parts.enabled()) return use(own)
    if (this.#policies.match(who, {}).listed !== null) return use(own)
    const sinceUs = this.#parts.clock.now()
    return whenResolved(this.#source.find(who, deadlineMs), (found) => use({ ...found, sinceUs }))
  }

  /** Makes the decision on a prepared call. */
  run(call: PreparedCall, { deadlineMs }: CallOptions): Outcome | Promise<Outcome> {
    const immediate = this.immediateDecision(call)
    if (immediate !== null) return { decision: immediate, credited: 0 }
    const verdicts = this.verdicts(call.verb, call.requests, this.#leftMs(call.sinceUs, deadlineMs))
    return whenResolved(verdicts, (resolved) => outcomeOf(call, resolved))
  }

  /** Verdicts of the store, or of a lease, the deny cache or a fallback in its place. */
  verdicts(
    verb: Verb,
    requests: readonly PolicyRequest[],
    deadlineMs: number | undefined,
  ): Verdicts | Promise<Verdicts> {
    if (this.#sync !== null) return this.#sync.decideSync(verb, requests)
    const verdicts = this.#atOnce?.decideAtOnce(verb, requests) ?? null
    if (verdicts !== null) return verdicts
    return this.#parts.store.decide(verb, requests, deadlineMs === undefined ? undefined : { deadlineMs })
  }

  /**
   * Decisions of the store that have one answer time together, counted from now: `deadlineMs`, else 1 second. Verdicts are
   * the caller's own: a synchronous store reuses the array of those it returns at once.
   */
  decideWithin(deadlineMs: number | undefined): DecideInStore {
    const { store, clock } = this.#parts
    const startUs = clock.now()
    return async (verb, requests) => {
      if (this.#sync !== null) return store.decide(verb, requests)
      return this.verdicts(verb, requests, this.#leftMs(startUs, deadlineMs))
    }
  }

  /** What is left of the answer time of a call that began at `sinceUs`. */
  #leftMs(sinceUs: number | undefined, deadlineMs: number | undefined): number | undefined {
    const elapsedMs = sinceUs === undefined ? 0 : (this.#parts.clock.now() - sinceUs) / 1000
    return elapsedMs < 1 ? deadlineMs : Math.max(0, (deadlineMs ?? ANSWER_MS) - elapsedMs)
  }

  /** The decision where none of the store is needed: switched off, listed, unmatched, or a limit of 0; else null. */
  immediateDecision({ requests, cost, listed, deniedInShadow: shadow }: PreparedCall): Decision | null {
    if (!this.#parts.enabled()) return decisionWithoutStore('disabled', cost)
    if (listed === 'deny') return decisionWithoutStore('denied-by-policy', cost)
    if (requests.length === 0) return decisionWithoutStore('unmatched', cost, shadow && { shadow })
    for (const { budget } of requests) {
      if (budget.denyingRule === null) continue
      const denying = denyingView(budget.policy, budget.denyingRule)
      return decisionWithoutStore('denied-by-policy', cost, { denying })
    }
    return null
  }

  /**
   * Gives back up to `cost` units of a spend. `units` is the least that any of its budgets got back; those of policies in shadow
   * count only where there are no others.
   */
  async refund(
    receipt: Receipt,
    cost: number,
  ): Promise<{ readonly keys: readonly PolicyRequest[]; readonly units: number }> {
    const set = this.#source ?? this.#policies
    const refunds = refundsOf(receipt, cost, (origin, key) => set.findBudget(origin, key))
    if (refunds.length === 0) return { keys: [], units: 0 }
    const given = await this.#parts.store.refund(refunds)
    const enforced = given.filter((_, i) => refunds[i]?.budget.enforces)
    return { keys: refunds, units: Math.min(...(enforced.length > 0 ? enforced : given)) }
  }

  #hotPath(): HotPath | null {
    const budget = this.#policies.simpleBudget
    const { enabled } = this.#parts
    if (this.#sync === null || budget === null || budget.rules.length > 1 || budget.bans) return null
    if (this.#hashedKeys !== null) return null
    return { budget, store: this.#sync, enabled, slackMs: this.#slackMs }
  }

  #consumeSlowPath(who: Who, options: CallOptions): Decision {
    if (this.#sync === null) throw notSynchronous()
    const request = options === NO_OPTIONS ? this.#simpleRequest(who) : null
    if (request !== null) return this.#decideSimple(request, this.#sync.decideSync('consume', [request]))
    const call = this.prepare('consume', who, options)
    if (call instanceof Promise) {
      // Nobody waits for it, and nothing is spent by it.
      call.catch(() => {})
      throw notSynchronous()
    }
    return (this.run(call, options) as Outcome).decision
  }

  /** The request of a plain key on the limiter's only budget; null where policies have to be matched. */
  #simpleRequest(who: Who): PolicyRequest | null {
    const { simpleBudget } = this.#policies
    if (typeof who !== 'string' || simpleBudget === null) return null
    if (!this.#parts.enabled()) return null
    const key = encodeText(who)
    return { budget: simpleBudget, key: this.#hashedKeys === null ? key : this.#hashedKeys.of(key), cost: 1 }
  }

  #decideSimple(request: PolicyRequest, verdicts: Verdicts): Decision {
    const slackMs = this.#slackMs
    const { rules, bans } = request.budget
    if (rules.length === 1 && bans === undefined && verdicts.judged === undefined) {
      return simpleDecision(request, verdicts, slackMs)
    }
    const call: StoreCall = { verb: 'consume', requests: [request], cost: 1, slackMs }
    return verdicts.judged === undefined ? decisionOf(call, verdicts) : outcomeOf(call, verdicts).decision
  }
}

function notSynchronous(): HeadgateError {
  return new HeadgateError(
    'not-synchronous',
    'the store, or the source of policies, answers later; await consume()',
  )
}
