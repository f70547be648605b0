import { type Clock, TIMER_SLACK_MS } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import { keyOfText, type Who } from '../core/key.ts'
import type { CallOptions } from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { Receipt } from '../core/receipt.ts'
import {
  type AtOnceStore,
  isAtOnce,
  isSync,
  type Store,
  type SyncStore,
  type Verb,
  type Verdicts,
} from '../core/store.ts'
import type { PolicyBudget, PolicyContext } from '../policies/compile-policy.ts'
import { PolicySet } from '../policies/policy-set.ts'
import { checkCall, NO_OPTIONS } from './check-call.ts'
import {
  type Asked,
  creditedUnits,
  decisionOf,
  decisionWithoutStore,
  denyingView,
  simpleDecision,
  storeFailureDecision,
} from './limit-decision.ts'
import { type PolicyRequest, refundsOf } from './make-receipt.ts'

/** What decisions are made from. */
export interface DeciderParts {
  readonly policies: readonly PolicyOptions[]
  readonly context: PolicyContext
  readonly store: Store
  readonly clock: Clock
  readonly enabled: () => boolean
}

/** What the most common decision needs, a plain key's on one rule of a store that answers at once. */
interface HotPath {
  readonly budget: PolicyBudget
  readonly store: SyncStore
  readonly enabled: () => boolean
  readonly slackMs: number
}

/** A decision, and what else is known of it. */
export interface Answer {
  readonly decision: Decision
  /** Units that a `credit` gave back. */
  readonly credited: number
  /** Why the store did not answer, where nobody did in its place. */
  readonly failure?: unknown
}

/** Makes decisions: from who and what is asked, over budgets and their keys, to one question of the store. */
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
  }

  /** The policies in force, compiled. */
  get policies(): PolicySet {
    return this.#set
  }

  /** Puts other policies in force; where one of them is wrong, none. */
  replace(policies: readonly PolicyOptions[]): void {
    this.#set = new PolicySet(policies, this.#parts.context)
    this.#hot = this.#hotPath()
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
    if (this.#sync !== null) return this.consumeSync(who, options)
    const request = options === NO_OPTIONS ? this.#simpleRequest(who) : null
    if (request === null) return this.decide('consume', who, options)
    const known = this.#atOnce?.decideAtOnce('consume', [request]) ?? null
    if (known !== null) return this.#judgeSimple(request, known)
    return this.#parts.store.decide('consume', [request]).then((later) => this.#judgeSimple(request, later))
  }

  /** The decision, at once where that is possible. */
  decide(verb: Verb, who: Who, options: CallOptions): Decision | Promise<Decision> {
    const answer = this.answer(this.ask(verb, who, options), options)
    return answer instanceof Promise ? answer.then(({ decision }) => decision) : answer.decision
  }

  /** Checks a call, and finds whose budgets it asks. */
  ask(verb: Verb, who: Who, options: CallOptions): Asked {
    const cost = checkCall(options)
    const keys = this.#set.keysOf(who, options)
    return {
      // Asking for nothing is a question about debt, and writes nothing.
      verb: cost === 0 ? 'peek' : verb,
      requests: keys.map(({ budget, key }) => ({ budget, key, cost })),
      cost,
      slackMs: this.#slackMs,
    }
  }

  /** What comes of a call. */
  answer(asked: Asked, { deadlineMs }: CallOptions): Answer | Promise<Answer> {
    const withoutStore = this.#withoutStore(asked)
    if (withoutStore !== null) return { decision: withoutStore, credited: 0 }
    const { verb, requests } = asked
    if (this.#sync !== null) return judge(asked, this.#sync.decideSync(verb, requests))
    const known = this.#atOnce?.decideAtOnce(verb, requests) ?? null
    if (known !== null) return judge(asked, known)
    const options = deadlineMs === undefined ? undefined : { deadlineMs }
    return this.#parts.store.decide(verb, requests, options).then((later) => judge(asked, later))
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
    const budget = this.#set.simpleBudget
    const { enabled } = this.#parts
    if (this.#sync === null || budget === null || budget.rules.length > 1) return null
    return { budget, store: this.#sync, enabled, slackMs: this.#slackMs }
  }

  #consumeOther(who: Who, options: CallOptions): Decision {
    if (this.#sync === null) throw notSynchronous()
    const request = options === NO_OPTIONS ? this.#simpleRequest(who) : null
    if (request === null) return this.decide('consume', who, options) as Decision
    return this.#judgeSimple(request, this.#sync.decideSync('consume', [request]))
  }

  /** What a plain key asks of its one budget; null where more has to be looked at. */
  #simpleRequest(who: Who): PolicyRequest | null {
    const { simpleBudget } = this.#set
    const isSimple = typeof who === 'string' && simpleBudget !== null && this.#parts.enabled()
    return isSimple ? { budget: simpleBudget, key: keyOfText(who), cost: 1 } : null
  }

  #judgeSimple(request: PolicyRequest, verdicts: Verdicts): Decision {
    const slackMs = this.#slackMs
    if (request.budget.rules.length === 1 && verdicts.judged === undefined) {
      return simpleDecision(request, verdicts, slackMs)
    }
    const asked: Asked = { verb: 'consume', requests: [request], cost: 1, slackMs }
    return verdicts.judged === undefined ? decisionOf(asked, verdicts) : judge(asked, verdicts).decision
  }

  /** The answer to what needs no store: nothing to judge, switched off, or a limit of 0. */
  #withoutStore({ requests, cost }: Asked): Decision | null {
    if (!this.#parts.enabled()) return decisionWithoutStore('disabled', cost)
    if (requests.length === 0) return decisionWithoutStore('unmatched', cost)
    for (const { budget } of requests) {
      if (budget.denyingRule === null) continue
      return decisionWithoutStore('denied-by-policy', cost, denyingView(budget.policy, budget.denyingRule))
    }
    return null
  }
}

function notSynchronous(): HeadgateError {
  return new HeadgateError('not-synchronous', 'this store answers later; await consume()')
}

function judge(asked: Asked, verdicts: Verdicts): Answer {
  const { judged, failure } = verdicts
  if (judged?.length === 0) {
    return { decision: storeFailureDecision(verdicts, asked.cost), credited: 0, failure }
  }
  // What stands in for a store judges budgets made of ours, with all that is ours.
  const own = judged === undefined ? asked : { ...asked, requests: judged as readonly PolicyRequest[] }
  return { decision: decisionOf(own, verdicts), credited: creditedUnits(own, verdicts) }
}
