import type { Credited, Decision } from '../core/decision.ts'
import { parseDuration } from '../core/duration.ts'
import { HeadgateError, wrong } from '../core/errors.ts'
import type { GuardedStore } from '../core/guarded-store.ts'
import type { Health } from '../core/health-report.ts'
import type { Who } from '../core/key.ts'
import type {
  CallOptions,
  DecisionListener,
  Limiter,
  Reservation,
  ReserveOptions,
  WaitOptions,
} from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import type { Receipt } from '../core/receipt.ts'
import type { Store, SyncStore } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'
import type { PolicyKey } from '../policies/policy-set.ts'
import { checkCall, NO_OPTIONS, withCost } from './check-call.ts'
import { checkReceipt } from './check-receipt.ts'
import { Decider, type DeciderParts } from './decider.ts'
import { Listeners } from './listeners.ts'
import { createReservation } from './reservation.ts'
import { unguardedHealth } from './unguarded-health.ts'
import { queueOf, WaitedKeys } from './waited-keys.ts'
import { WaitingRoom } from './waiting-room.ts'

/** What a limiter is made of. */
export interface LimiterParts extends DeciderParts {
  readonly store: Store & Partial<GuardedStore>
  /** Ends what goes with the limiter, its store's connections too where it opened them. */
  readonly onClose: () => Promise<void>
}

/** The limiter: its verbs, who waits and who listens. */
export class StoreLimiter implements Limiter<SyncStore> {
  readonly #parts: LimiterParts
  readonly #decider: Decider
  readonly #waiting: WaitingRoom
  readonly #waited = new WaitedKeys()
  readonly #listeners = new Listeners()
  #closed = false

  constructor(parts: LimiterParts) {
    this.#parts = parts
    this.#decider = new Decider(parts)
    this.#waiting = new WaitingRoom(parts.clock)
  }

  readonly policies: Limiter['policies'] = {
    list: () => this.#decider.policies.policies.map(({ options }) => options),
    set: (policy) => this.#replace([...this.#others(policy?.name), policy]),
    delete: (name) => {
      this.#decider.policies.named(name)
      this.#replace(this.#others(name))
    },
  }

  async consume(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    this.#checkOpen()
    const decision = this.#decider.consume(who, options)
    return this.#listeners.tell('consume', decision instanceof Promise ? await decision : decision)
  }

  consumeSync(who: Who, options: CallOptions = NO_OPTIONS): Decision {
    this.#checkOpen()
    return this.#listeners.tell('consume', this.#decider.consumeSync(who, options))
  }

  async peek(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    this.#checkOpen()
    return this.#listeners.tell('peek', await this.#decider.decide('peek', who, options))
  }

  async charge(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = NO_OPTIONS): Promise<Decision> {
    this.#checkOpen()
    const decision = await this.#decider.decide('charge', who, withCost(options, cost))
    return this.#listeners.tell('charge', decision)
  }

  async credit(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = NO_OPTIONS): Promise<Credited> {
    this.#checkOpen()
    const asked = this.#decider.ask('credit', who, withCost(options, cost))
    const { decision, credited } = await this.#decider.answer(asked, options)
    this.#wake(asked.requests)
    return this.#listeners.tell('credit', { ...decision, credited })
  }

  async reserve(who: Who, options: ReserveOptions = NO_OPTIONS): Promise<Reservation> {
    this.#checkOpen()
    checkCall(options, ['ttl'])
    const { ttl = '5m', ...call } = options
    // Read before anything is spent.
    const ttlMs = parseDuration(ttl, 'options.ttl')
    const decision = await this.#decider.decide('consume', who, call)
    return createReservation(this.#listeners.tell('reserve', decision), ttlMs, {
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
    const { requests, cost } = this.#decider.ask('consume', who, call)
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
      return this.#listeners.tell('wait', decision)
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
    const { store } = this.#parts
    return store.health?.() ?? unguardedHealth(store)
  }

  on(event: 'decision', listener: DecisionListener): () => void {
    if (event !== 'decision') throw wrong(event, 'is not an event; use decision', 'event')
    if (typeof listener !== 'function') throw wrong(listener, 'is not a function', 'listener')
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.close(isClosed())
    await this.#parts.store.stop?.()
    await this.#parts.onClose()
  }

  /** Spends more for a reservation. */
  async #extend(who: Who, call: CallOptions): Promise<Decision> {
    this.#checkOpen()
    return this.#listeners.tell('extend', await this.#decider.decide('consume', who, call))
  }

  /** Charges what a reservation does not hold. */
  async #settle(who: Who, call: CallOptions): Promise<void> {
    this.#checkOpen()
    const { decision, failure } = await this.#decider.answer(this.#decider.ask('charge', who, call), call)
    this.#listeners.tell('settle', decision)
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

  #others(name: string | undefined): PolicyOptions[] {
    return this.policies.list().filter((policy) => policy.name !== name)
  }

  #replace(policies: readonly PolicyOptions[]): void {
    this.#decider.replace(policies)
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
