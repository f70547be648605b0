import { isClaiming } from '../core/claiming-store.ts'
import type { Credited, Decision } from '../core/decision.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { HeadgateError, wrong } from '../core/errors.ts'
import type { Explanation } from '../core/explanation.ts'
import type { GuardedStore } from '../core/guarded-store.ts'
import type { HashedKeys } from '../core/hash-keys.ts'
import type { Health } from '../core/health-report.ts'
import type { Who } from '../core/key.ts'
import type {
  BudgetOptions,
  CallOptions,
  DecisionListener,
  DecisionVerb,
  JointDecision,
  KeyView,
  Limiter,
  LimitRequest,
  RefundOptions,
  Reservation,
  ReserveOptions,
  WaitOptions,
} from '../core/limiter.ts'
import { Listeners } from '../core/listeners.ts'
import type { Receipt } from '../core/receipt.ts'
import type { ReservationHandle, ResumedReservation } from '../core/reservation-handle.ts'
import type { StateKey, Store, SyncStore } from '../core/store.ts'
import { checkCost, checkFields } from '../core/validate.ts'
import type { Policy } from '../policies/compile-policy.ts'
import type { PolicyKey } from '../policies/request-match.ts'
import { checkCall, NO_OPTIONS, withCost } from './check-call.ts'
import { checkHandle } from './check-handle.ts'
import { checkReceipt } from './check-receipt.ts'
import { Decider, type DeciderParts } from './decider.ts'
import { type HandleOwner, handleOwner, whoOf } from './handle-owner.ts'
import { JointDecider } from './joint-decision.ts'
import { createPolicyRegister } from './policy-register.ts'
import { prepareRequests } from './prepare-requests.ts'
import { createReservation, type ReservationDeps } from './reservation.ts'
import { resumeReservation } from './resumed-reservation.ts'
import { UnguardedHealth } from './unguarded-health.ts'
import { lowestCost } from './wait-queue.ts'
import { queueName, WaitedKeys } from './waited-keys.ts'
import { WaitingRoom } from './waiting-room.ts'

/** What a {@link StoreLimiter} is made of. */
export interface LimiterParts extends DeciderParts {
  readonly store: Store & Partial<GuardedStore>
  /** Whether to count decisions even without listeners. */
  readonly health: boolean
  /** Called with the policies that it begins with; returns what is to be called when others take their place. */
  readonly onPolicies: (policies: readonly Policy[]) => () => void
  /** Called once by `close`; closes the store where the limiter opened it. */
  readonly onClose: () => Promise<void>
}

/** The limiter: the verbs of the public API on top of a {@link Decider}, with queues for `wait` and listeners. */
export class StoreLimiter implements Limiter<SyncStore> {
  readonly #parts: LimiterParts
  readonly #decider: Decider
  readonly #waiting: WaitingRoom
  readonly #waitedKeys = new WaitedKeys()
  readonly #listeners: Listeners
  readonly #health: UnguardedHealth
  readonly #endPolicies: () => void
  #closed = false
  readonly policies: Limiter['policies']

  constructor(parts: LimiterParts) {
    this.#parts = parts
    this.#decider = new Decider(parts)
    this.#waiting = new WaitingRoom(parts.clock)
    this.#listeners = new Listeners(parts.clock)
    this.#health = new UnguardedHealth(parts.store, parts.clock)
    this.#endPolicies = parts.onPolicies(this.#decider.policies.policies)
    const onChange = (): void => {
      this.#endPolicies()
      void parts.store.release?.(this.#decider.policies.budgets())
      this.#waiting.changed()
    }
    this.policies = createPolicyRegister(this.#decider, onChange, {
      forget: (keys) => parts.store.forget?.(keys.map(stateKey)),
      forgetDenials: (keys) => parts.store.forgetDenials?.(keys.map(stateKey)),
    })
    if (parts.health) this.#countDecisions()
  }

  async consume(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    this.#checkOpen()
    const started = this.#listeners.start()
    const decision = this.#decider.consume(who, options)
    return this.#listeners.emit('consume', decision instanceof Promise ? await decision : decision, started)
  }

  consumeSync(who: Who, options: CallOptions = NO_OPTIONS): Decision {
    this.#checkOpen()
    // The hot path: nothing is done for listeners where there are none.
    if (this.#listeners.isEmpty) return this.#decider.consumeSync(who, options)
    const started = this.#listeners.start()
    return this.#listeners.emit('consume', this.#decider.consumeSync(who, options), started)
  }

  async peek(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    return this.#decideAndEmit('peek', () => this.#decider.decide('peek', who, options))
  }

  async explain(who: Who, options: CallOptions = NO_OPTIONS): Promise<Explanation> {
    this.#checkOpen()
    return this.#decider.explain(who, options)
  }

  async charge(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = NO_OPTIONS): Promise<Decision> {
    return this.#decideAndEmit('charge', () => this.#decider.decide('charge', who, withCost(options, cost)))
  }

  async credit(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = NO_OPTIONS): Promise<Credited> {
    return this.#decideAndEmit('credit', async () => {
      const call = await this.#decider.prepare('credit', who, withCost(options, cost))
      const { decision, credited } = await this.#decider.run(call, options)
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
    const prepared = await prepareRequests(requests, options, this.#decider)
    const joint = await new JointDecider(prepared, {
      decideInStore: this.#decider.decideWithin(options.deadlineMs),
      refund: (receipt) => this.#refund(receipt),
    }).decide()
    this.#wake(prepared.flatMap(({ verb, call }) => (verb === 'credit' ? call.requests : [])))
    for (const [i, { verb }] of prepared.entries()) {
      this.#listeners.emit(verb, joint.decisions[i] as Decision, started)
    }
    return joint
  }

  async reserve(who: Who, options: ReserveOptions = NO_OPTIONS): Promise<Reservation> {
    this.#checkOpen()
    checkCall(options, ['ttl'])
    const { ttl = '5m', ...call } = options
    // Parsed first, so that an invalid ttl throws before anything is spent.
    const ttlMs = parseDuration(ttl, 'options.ttl')
    const decision = await this.#decideAndEmit('reserve', () => this.#decider.decide('consume', who, call))
    const { cost: _, deadlineMs: _d, ...rest } = call
    const { clock } = this.#parts
    const owner = (): HandleOwner => handleOwner(who, this.#hashedKeys)
    const handle = { owner, call: rest, expiresAtUs: clock.now() + ttlMs * 1000 }
    return createReservation(decision, handle, { clock, ...this.#reservationDeps(who, call) })
  }

  resume(handle: ReservationHandle): ResumedReservation {
    this.#checkOpen()
    const { call, ...checked } = checkHandle(handle)
    const who = whoOf(checked, this.#hashedKeys)
    const { store } = this.#parts
    if (!isClaiming(store)) throw noClaimsError()
    return resumeReservation(handle, {
      ...this.#reservationDeps(who, call),
      claim: (claim) => store.claim(claim),
      unclaim: (id) => store.unclaim(id),
    })
  }

  async wait(who: Who, options: WaitOptions = NO_OPTIONS): Promise<Decision> {
    this.#checkOpen()
    checkCall(options, ['timeout', 'signal'])
    const { timeout, signal, ...call } = options
    const started = this.#listeners.start()
    const prepared = await this.#decider.prepare('consume', who, call)
    const { requests } = prepared
    const enforcing = requests.filter(({ budget }) => budget.enforces)
    // What only counts does not decide whose turn it is.
    const queue = queueName(enforcing.length > 0 ? enforcing : requests)
    const removeWaited = this.#waitedKeys.add(queue, requests)
    try {
      const decision = await this.#waiting.enter(queue, {
        timeout,
        signal,
        cost: lowestCost(prepared),
        rulesId: JSON.stringify(requests.map(({ budget }) => budget.origin)),
        attempt: async () => this.#decider.decide('attempt', who, call),
        // Not `this.refund`, which throws after close: the units must be given back all the same.
        undo: async ({ receipt }) => {
          if (receipt !== null) await this.#refund(receipt)
        },
      })
      return this.#listeners.emit('wait', decision, started)
    } finally {
      removeWaited()
    }
  }

  async refund(receipt: Receipt, options: RefundOptions = {}): Promise<number> {
    this.#checkOpen()
    checkFields(options, ['cost'], 'options')
    const { cost } = options
    return this.#refund(checkReceipt(receipt), cost === undefined ? cost : checkCost(cost))
  }

  async reset(who: Who, options: BudgetOptions = NO_OPTIONS): Promise<string[]> {
    return this.#change(who, options, (keys) => this.#parts.store.reset(keys))
  }

  async block(who: Who, duration: Duration, options: BudgetOptions = NO_OPTIONS): Promise<string[]> {
    const lengthUs = parseDuration(duration, 'duration') * 1000
    return this.#change(who, options, (keys) => this.#parts.store.block(keys, lengthUs))
  }

  async unblock(who: Who, options: BudgetOptions = NO_OPTIONS): Promise<string[]> {
    return this.#change(who, options, (keys) => this.#parts.store.block(keys, 0))
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
    this.#endPolicies()
    this.#waiting.close(closedError())
    await this.#parts.store.stop?.()
    await this.#parts.onClose()
  }

  /** Makes a decision and emits it to the listeners. */
  async #decideAndEmit<D extends Decision>(verb: DecisionVerb, decide: () => D | Promise<D>): Promise<D> {
    this.#checkOpen()
    const started = this.#listeners.start()
    return this.#listeners.emit(verb, await decide(), started)
  }

  #reservationDeps(who: Who, call: CallOptions): Omit<ReservationDeps, 'clock'> {
    return {
      consume: (cost) => this.#extend(who, { ...call, cost }),
      charge: (cost) => this.#settle(who, { ...call, cost }),
      refund: (receipt, cost) => this.#refund(receipt, cost),
    }
  }

  /** Changes the budgets whose keys the attributes determine; resolves to the names of their policies. */
  async #change(
    who: Who,
    options: BudgetOptions,
    change: (keys: readonly PolicyKey[]) => Promise<void>,
  ): Promise<string[]> {
    this.#checkOpen()
    checkFields(options, ['policy', 'rule'], 'options')
    const keys = await this.#decider.determinedKeys(who, options)
    if (keys.length > 0) await change(keys)
    this.#wake(keys)
    return keys.map(({ budget }) => budget.policy)
  }

  /** Spends more for a reservation. */
  #extend(who: Who, call: CallOptions): Promise<Decision> {
    return this.#decideAndEmit('extend', () => this.#decider.decide('attempt', who, call))
  }

  /** Charges what a reservation does not hold. */
  async #settle(who: Who, call: CallOptions): Promise<void> {
    let failure: unknown
    const decision = await this.#decideAndEmit('settle', async () => {
      const outcome = await this.#decider.run(await this.#decider.prepare('charge', who, call), call)
      failure = outcome.failure
      return outcome.decision
    })
    // With onStoreError 'closed' the units were spent nowhere, and no policy waives them.
    if (decision.source === 'closed') throw chargeOwedError(failure)
  }

  async #refund(receipt: Receipt, cost = Number.POSITIVE_INFINITY): Promise<number> {
    const { keys, units } = await this.#decider.refund(receipt, cost)
    this.#wake(keys)
    return units
  }

  /** Has waiters under these keys try again: units may have become available. */
  #wake(keys: readonly PolicyKey[]): void {
    for (const queue of this.#waitedKeys.queuesOf(keys)) this.#waiting.changed(queue)
  }

  /** Counts decisions for `health()`, unless the store is guarded: its guard counts them. */
  #countDecisions(): void {
    if (this.#health.isCounting || this.#parts.store.health !== undefined) return
    this.#listeners.add(this.#health.startCounting())
  }

  get #hashedKeys(): HashedKeys | null {
    return this.#parts.context.hashedKeys ?? null
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError()
  }
}

function stateKey({ policy, key }: KeyView): StateKey {
  return { budget: { policy }, key }
}

function closedError(): HeadgateError {
  return new HeadgateError('closed', 'this limiter was closed; create another one')
}

function noClaimsError(): HeadgateError {
  const message =
    'this store has no claims, by which a reservation is settled once; use memoryStore or redisStore'
  return new HeadgateError('invalid-options', message)
}

function chargeOwedError(cause: unknown): HeadgateError {
  const message =
    'the store cannot answer, and a policy with onStoreError "closed" charges nobody meanwhile; settle again'
  return new HeadgateError('store-unavailable', message, { cause })
}
