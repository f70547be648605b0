import { type Clock, TIMER_SLACK_MS } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import { keyOfText, type Who } from '../core/key.ts'
import type { CallOptions } from '../core/limiter.ts'
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
import type { Listed } from '../policies/access-lists.ts'
import type { PolicyBudget, PolicyContext } from '../policies/compile-policy.ts'
import { PolicySet, type PolicySetOptions } from '../policies/policy-set.ts'
import { warnOfWindows } from '../policies/window-warning.ts'
import { checkCall, NO_OPTIONS } from './check-call.ts'
import {
  creditedUnits,
  decisionOf,
  decisionWithoutStore,
  denyingView,
  type StoreCall,
  simpleDecision,
  storeFailureDecision,
} from './limit-decision.ts'
import { type PolicyRequest, refundsOf } from './make-receipt.ts'

/** What decisions are made from. */
export interface DeciderParts {
  readonly policies: PolicySetOptions
  readonly context: PolicyContext
  readonly store: Store
  readonly clock: Clock
  readonly enabled: () => boolean
  /** Finds the policies of one request where they are not those of all; may take its time. */
  readonly lookup?: (who: Who) => PolicySet | Promise<PolicySet>
}

/** What the most common decision needs, a plain key's on one rule of a store that answers at once. */
interface HotPath {
  readonly budget: PolicyBudget
  readonly store: SyncStore
  readonly enabled: () => boolean
  readonly slackMs: number
}

/** A call whose policies are known. */
export interface PreparedCall extends StoreCall {
  readonly listed: Listed
}

/** A decision, and what else is known of it. */
export interface Answer {
  readonly decision: Decision
  /** Units that a `credit` gave back. */
  readonly credited: number
  /** Why the store did not answer, where nobody did in its place. */
  readonly failure?: unknown
}

/** Makes decisions: finds the budgets of a call and their keys, asks the store once, and reads its verdicts. */
export class Decider {
  readonly #parts: DeciderParts
  readonly #sync: SyncStore | null
  readonly #atOnce: AtOnceStore | null
  readonly #slackMs: number
  #set: PolicySet
  #hot: HotPath | null

  constructor(parts: DeciderParts) {
    const { store, clock } = parts
    this.#parts = parts
    this.#sync = isSync(store) ? store : null
    this.#atOnce = isAtOnce(store) ? store : null
    this.#slackMs = clock.timerSlackMs ?? TIMER_SLACK_MS
    this.#set = new PolicySet(parts.policies, parts.context)
    this.#hot = this.#hotPath()
    for (const policy of this.#set.policies) warnOfWindows(policy)
  }

  /** The policies in force, compiled. */
  get policies(): PolicySet {
    return this.#set
  }

  /** Puts others in force as one change; where one of them is wrong, none. */
  replace(policies: PolicySetOptions): void {
    this.#set = new PolicySet(policies, this.#parts.context, this.#set)
    this.#hot = this.#hotPath()
    for (const policy of this.#set.policies) warnOfWindows(policy)
  }

  /** `consume` at once: the hot path. */
  consumeSync(who: Who, options: CallOptions): Decision {
    const hot = this.#hot
    if (hot === null || options !== NO_OPTIONS || typeof who !== 'string' || !hot.enabled()) {
      return this.#consumeOther(who, options)
    }
    const request = { budget: hot.budget, key: keyOfText(who), cost: 1 }
    return simpleDecision(request, hot.store.decideSync('consume', [request]), hot.slackMs)
  }

  /** `consume`, at once where that is possible. */
  consume(who: Who, options: CallOptions): Decision | Promise<Decision> {
    if (this.#hot !== null) return this.consumeSync(who, options)
    const request = options === NO_OPTIONS ? this.#simpleRequest(who) : null
    if (request === null) return this.decide('consume', who, options)
    if (this.#sync !== null) return this.#judgeSimple(request, this.#sync.decideSync('consume', [request]))
    const known = this.#atOnce?.decideAtOnce('consume', [request]) ?? null
    if (known !== null) return this.#judgeSimple(request, known)
    return this.#parts.store.decide('consume', [request]).then((later) => this.#judgeSimple(request, later))
  }

  /** The decision, at once where that is possible. */
  decide(verb: Verb, who: Who, options: CallOptions): Decision | Promise<Decision> {
    const answer = whenKnown(this.prepare(verb, who, options), (call) => this.answer(call, options))
    return whenKnown(answer, ({ decision }) => decision)
  }

  /** Checks a call, and finds whose budgets it spends from. */
  prepare(verb: Verb, who: Who, options: CallOptions): PreparedCall | Promise<PreparedCall> {
    const cost = checkCall(options)
    const set = this.#parts.lookup?.(who) ?? this.#set
    return whenKnown(set, (known) => {
      const { listed, keys } = known.find(who, options)
      const spend = nextSpend()
      return {
        // A cost of 0 only asks whether the budget is in debt, and writes nothing.
        verb: cost === 0 ? 'peek' : verb,
        requests: keys.map(({ budget, key }) => ({ budget, key, cost, spend })),
        cost,
        slackMs: this.#slackMs,
        listed,
      }
    })
  }

  /** What comes of a call. */
  answer(call: PreparedCall, { deadlineMs }: CallOptions): Answer | Promise<Answer> {
    const withoutStore = this.withoutStore(call)
    if (withoutStore !== null) return { decision: withoutStore, credited: 0 }
    return whenKnown(this.verdicts(call.verb, call.requests, deadlineMs), (known) => judge(call, known))
  }

  /** What the store says, or what answers in its place; at once where that is possible. */
  verdicts(
    verb: Verb,
    requests: readonly PolicyRequest[],
    deadlineMs: number | undefined,
  ): Verdicts | Promise<Verdicts> {
    if (this.#sync !== null) return this.#sync.decideSync(verb, requests)
    const known = this.#atOnce?.decideAtOnce(verb, requests) ?? null
    if (known !== null) return known
    return this.#parts.store.decide(verb, requests, deadlineMs === undefined ? undefined : { deadlineMs })
  }

  /** The answer to what needs no store: switched off, listed, nothing to judge, or a limit of 0. */
  withoutStore({ requests, cost, listed }: PreparedCall): Decision | null {
    if (!this.#parts.enabled()) return decisionWithoutStore('disabled', cost)
    if (listed === 'deny') return decisionWithoutStore('denied-by-policy', cost)
    if (requests.length === 0) return decisionWithoutStore('unmatched', cost)
    for (const { budget } of requests) {
      if (budget.denyingRule === null) continue
      return decisionWithoutStore('denied-by-policy', cost, denyingView(budget.policy, budget.denyingRule))
    }
    return null
  }

  /** Takes back up to `cost` units of a spend; answers whose they were, and the least of what each budget got back. */
  async refund(
    receipt: Receipt,
    cost: number,
  ): Promise<{ readonly keys: readonly PolicyRequest[]; units: number }> {
    const refunds = refundsOf(receipt, cost, (clue) => this.#set.findBudget(clue))
    if (refunds.length === 0) return { keys: [], units: 0 }
    return { keys: refunds, units: Math.min(...(await this.#parts.store.refund(refunds))) }
  }

  #hotPath(): HotPath | null {
    const budget = this.#parts.lookup === undefined ? this.#set.simpleBudget : null
    const { enabled } = this.#parts
    if (this.#sync === null || budget === null || budget.rules.length > 1) return null
    return { budget, store: this.#sync, enabled, slackMs: this.#slackMs }
  }

  #consumeOther(who: Who, options: CallOptions): Decision {
    if (this.#sync === null) throw notSynchronous()
    const request = options === NO_OPTIONS ? this.#simpleRequest(who) : null
    if (request !== null) return this.#judgeSimple(request, this.#sync.decideSync('consume', [request]))
    const decision = this.decide('consume', who, options)
    if (decision instanceof Promise) throw notSynchronous()
    return decision
  }

  /** What a plain key asks of its one budget; null where more has to be looked at. */
  #simpleRequest(who: Who): PolicyRequest | null {
    const { simpleBudget } = this.#set
    if (typeof who !== 'string' || simpleBudget === null || this.#parts.lookup !== undefined) return null
    return this.#parts.enabled() ? { budget: simpleBudget, key: keyOfText(who), cost: 1 } : null
  }

  #judgeSimple(request: PolicyRequest, verdicts: Verdicts): Decision {
    const slackMs = this.#slackMs
    if (request.budget.rules.length === 1 && verdicts.judged === undefined) {
      return simpleDecision(request, verdicts, slackMs)
    }
    const call: StoreCall = { verb: 'consume', requests: [request], cost: 1, slackMs }
    return verdicts.judged === undefined ? decisionOf(call, verdicts) : judge(call, verdicts).decision
  }
}

function notSynchronous(): HeadgateError {
  return new HeadgateError('not-synchronous', 'this store answers later; await consume()')
}

function judge(call: StoreCall, verdicts: Verdicts): Answer {
  const { judged, failure } = verdicts
  if (judged?.length === 0) {
    return { decision: storeFailureDecision(verdicts, call.cost), credited: 0, failure }
  }
  // A fallback judges budgets made of ours, with all that is ours.
  const own = judged === undefined ? call : { ...call, requests: judged as readonly PolicyRequest[] }
  return { decision: decisionOf(own, verdicts), credited: creditedUnits(own, verdicts) }
}

/** Goes on with a value, or with what a promise gives. */
function whenKnown<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
