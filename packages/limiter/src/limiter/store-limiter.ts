import type { Credited, Decision } from '../core/decision.ts'
import { parseDuration } from '../core/duration.ts'
import { HeadgateError, wrong } from '../core/errors.ts'
import type { GuardedStore } from '../core/guarded-store.ts'
import type { Health } from '../core/health-report.ts'
import type { Who } from '../core/key.ts'
import type {
  CallOptions,
  DecisionListener,
  DecisionVerb,
  JointDecision,
  Limiter,
  LimitRequest,
  Reservation,
  ReserveOptions,
  WaitOptions,
} from '../core/limiter.ts'
import type { AccessOptions, PolicyOptions } from '../core/policy-options.ts'
import type { Receipt } from '../core/receipt.ts'
import type { Store, SyncStore } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import type { PolicyKey } from '../policies/policy-set.ts'
import { checkCall, NO_OPTIONS, withCost } from './check-call.ts'
import { checkReceipt } from './check-receipt.ts'
import { Decider, type DeciderParts } from './decider.ts'
import { decideJointly } from './joint-decision.ts'
import { Listeners } from './listeners.ts'
import { prepareRequests } from './prepare-requests.ts'
import { createReservation } from './reservation.ts'
import { UnguardedHealth } from './unguarded-health.ts'
import { queueOf, WaitedKeys } from './waited-keys.ts'
import { WaitingRoom } from './waiting-room.ts'

/** What a limiter is made of. */
export interface LimiterParts extends DeciderParts {
  readonly store: Store & Partial<GuardedStore>
  /** Whether decisions are counted although nobody listens. */
  readonly health: boolean
  /** Ends what goes with the limiter, its store's connections too where it opened them. */
  readonly onClose: () => Promise<void>
}

/** The limiter: its verbs, who waits and who listens. */
export class StoreLimiter implements Limiter<SyncStore> {
  readonly #parts: LimiterParts
  readonly #decider: Decider
  readonly #waiting: WaitingRoom
  readonly #waited = new WaitedKeys()
  readonly #listeners: Listeners
  readonly #health: UnguardedHealth
  #counts = false
  #closed = false

  constructor(parts: LimiterParts) {
    this.#parts = parts
    this.#decider = new Decider(parts)
    this.#waiting = new WaitingRoom(parts.clock)
    this.#listeners = new Listeners(parts.clock)
    this.#health = new UnguardedHealth(parts.store, parts.clock)
    if (parts.health) this.#countDecisions()
  }

  readonly policies: Limiter['policies'] = {
    list: () => [...this.#decider.policies.options.policies],
    set: (policy) => this.#replace([...this.#others(policy?.name), policy]),
    delete: (name) => {
      this.#decider.policies.named(name)
      this.#replace(this.#others(name))
    },
    replace: (policies, lists) => this.#replace(policies, lists),
  }

  async consume(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    this.#checkOpen()
    const started = this.#listeners.start()
    const decision = this.#decider.consume(who, options)
    return this.#listeners.tell('consume', decision instanceof Promise ? await decision : decision, started)
  }

  consumeSync(who: Who, options: CallOptions = NO_OPTIONS): Decision {
    this.#checkOpen()
    const started = this.#listeners.start()
    return this.#listeners.tell('consume', this.#decider.consumeSync(who, options), started)
  }

  async peek(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    return this.#heard('peek', () => this.#decider.decide('peek', who, options))
  }

  async charge(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = NO_OPTIONS): Promise<Decision> {
    return this.#heard('charge', () => this.#decider.decide('charge', who, withCost(options, cost)))
  }

  async credit(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = NO_OPTIONS): Promise<Credited> {
    return this.#heard('credit', async () => {
      const call = await this.#decider.prepare('credit', who, withCost(options, cost))
      const { decision, credited } = await this.#decider.answer(call, options)
      this.#wake(call.requests)
      return { ...decision, credited }
    })
  }

  async decide(
    requests: readonly LimitRequest[],
    options: Pick<CallOptions, 'deadlineMs'> = NO_OPTIONS,
  ): Promise<JointDecision> {
    this.#checkOpen()
    const started = this.#listeners.start()
    const joint = await prepareRequests(requests, options, this.#decider)
    const answer = await decideJointly(joint, async (verb, own) =>
      this.#decider.verdicts(verb, own, options.deadlineMs),
    )
    const credited = joint.filter(({ verb }) => verb === 'credit').flatMap(({ call }) => call.requests)
    if (credited.length > 0) this.#wake(credited)
    for (const [i, { verb }] of joint.entries()) {
      this.#listeners.tell(verb, answer.decisions[i] as Decision, started)
    }
    return answer
  }

  async reserve(who: Who, options: ReserveOptions = NO_OPTIONS): Promise<Reservation> {
    this.#checkOpen()
    checkCall(options, ['ttl'])
    const { ttl = '5m', ...call } = options
    // Read before anything is spent.
    const ttlMs = parseDuration(ttl, 'options.ttl')
    const decision = await this.#heard('reserve', () => this.#decider.decide('consume', who, call))
    return createReservation(decision, ttlMs, {
      clock: this.#parts.clock,
      consume: (cost) => this.#extend(who, { ...call, cost }),
      charge: (cost) => this.#settle(who, { ...call, cost }),
      refund: (receipt, cost) => this.#refund(receipt, cost),
    })
  }

  async wait(who: Who, options: WaitOptions = NO_OPTIONS): Promise<Decision> {
    this.#checkOpen()
    checkCall(options, ['timeout', 'signal'])
    const { timeout, signal, ...call } = options
    const started = this.#listeners.start()
    const { requests, cost } = await this.#decider.prepare('consume', who, call)
    const queue = queueOf(requests)
    const leave = this.#waited.add(queue, requests)
    try {
      const decision = await this.#waiting.enter(queue, {
        timeout,
        signal,
        cost,
        judgedBy: JSON.stringify(requests.map(({ budget }) => budget.origin)),
        attempt: async () => this.#decider.decide('consume', who, call),
        // Also after close: the units must not be lost.
        undo: async ({ receipt }) => {
          if (receipt !== null) await this.#refund(receipt)
        },
      })
      return this.#listeners.tell('wait', decision, started)
    } finally {
      leave()
    }
  }

  async refund(receipt: Receipt): Promise<number> {
    this.#checkOpen()
    return this.#refund(checkReceipt(receipt))
  }

  async reset(who: Who, options: Pick<CallOptions, 'policy'> = NO_OPTIONS): Promise<string[]> {
    this.#checkOpen()
    checkFields(options, ['policy'], 'options')
    const keys = this.#decider.policies.determinedKeys(who, options)
    if (keys.length > 0) await this.#parts.store.reset(keys)
    this.#wake(keys)
    return keys.map(({ budget }) => budget.policy)
  }

  health(): Health {
    return this.#parts.store.health?.() ?? this.#health.view()
  }

  on(event: 'decision', listener: DecisionListener): () => void {
    if (event !== 'decision') throw wrong(event, 'is not an event; use decision', 'event')
    if (typeof listener !== 'function') throw wrong(listener, 'is not a function', 'listener')
    this.#countDecisions()
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.close(isClosed())
    await this.#parts.store.stop?.()
    await this.#parts.onClose()
  }

  /** Makes a decision and tells it. */
  async #heard<D extends Decision>(verb: DecisionVerb, decide: () => D | Promise<D>): Promise<D> {
    this.#checkOpen()
    const started = this.#listeners.start()
    return this.#listeners.tell(verb, await decide(), started)
  }

  /** Spends more for a reservation. */
  #extend(who: Who, call: CallOptions): Promise<Decision> {
    return this.#heard('extend', () => this.#decider.decide('consume', who, call))
  }

  /** Charges what a reservation does not hold. */
  async #settle(who: Who, call: CallOptions): Promise<void> {
    let failure: unknown
    const decision = await this.#heard('settle', async () => {
      const answer = await this.#decider.answer(await this.#decider.prepare('charge', who, call), call)
      failure = answer.failure
      return answer.decision
    })
    // Of all answers the one that leaves the charge owed: it is spent nowhere, and no policy lets it go.
    if (decision.source === 'closed') throw isOwed(failure)
  }

  async #refund(receipt: Receipt, cost = Number.POSITIVE_INFINITY): Promise<number> {
    const { keys, units } = await this.#decider.refund(receipt, cost)
    this.#wake(keys)
    return units
  }

  /** Lets those ask again who wait under keys that may have room now. */
  #wake(keys: readonly PolicyKey[]): void {
    for (const queue of this.#waited.queuesOf(keys)) this.#waiting.changed(queue)
  }

  /** Of a store that has a health of its own, that counts. */
  #countDecisions(): void {
    if (this.#counts || this.#parts.store.health !== undefined) return
    this.#counts = true
    this.#listeners.add(this.#health.count)
  }

  #others(name: string | undefined): PolicyOptions[] {
    return this.policies.list().filter((policy) => policy.name !== name)
  }

  /** Lists stay as they are unless others are given. */
  #replace(policies: readonly PolicyOptions[], lists: AccessOptions = {}): void {
    this.#decider.replace({ ...this.#decider.policies.options, ...lists, policies })
    void this.#parts.store.release?.()
    this.#waiting.changed()
  }

  #checkOpen(): void {
    if (this.#closed) throw isClosed()
  }
}

function isClosed(): HeadgateError {
  return new HeadgateError('closed', 'this limiter was closed; create another one')
}

function isOwed(cause: unknown): HeadgateError {
  const message =
    'the store cannot answer, and a policy with onStoreError "closed" charges nobody meanwhile; settle again'
  return new HeadgateError('store-unavailable', message, { cause })
}
