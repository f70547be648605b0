import type { Clock } from '../core/clock.ts'
import type { Decision } from '../core/decision.ts'
import { parseDuration } from '../core/duration.ts'
import { HeadgateError, wrong } from '../core/errors.ts'
import type { GuardedStore } from '../core/guard.ts'
import type { Health } from '../core/health.ts'
import type { Who } from '../core/key.ts'
import type { CallOptions, Limiter, Reservation, ReserveOptions, WaitOptions } from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy.ts'
import type { Refund, Store, SyncStore, Verb, Verdicts } from '../core/store.ts'
import { checkCost, checkFields } from '../core/validate.ts'
import type { Known } from '../policies/policy.ts'
import { PolicySet, plainTarget, type TargetOptions } from '../policies/policy-set.ts'
import { type Draw, decisionOf, unaskedDecision, unjudgedDecision, viewOf } from './limit-decision.ts'
import { decodeReceipt, type Receipt } from './receipt.ts'
import { createReservation } from './reservation.ts'
import { unguardedHealth } from './unguarded-health.ts'
import { WaitingRoom } from './waiting-room.ts'

/** What a limiter is made of. */
export interface LimiterParts {
  readonly policies: readonly PolicyOptions[]
  readonly known: Known
  readonly store: Store & Partial<GuardedStore>
  readonly clock: Clock
  readonly enabled: () => boolean
  /** Whether closing the limiter closes the store. */
  readonly ownsStore: boolean
}

type Listener = (decision: Decision) => void

const callFields = ['cost', 'limit', 'policy', 'deadlineMs']
const NO_OPTIONS: CallOptions = Object.freeze({})

/** The limiter: from who and what is asked, over budgets and their keys, to one question of the store. */
export class StoreLimiter implements Limiter<SyncStore> {
  readonly #parts: LimiterParts
  readonly #waiting: WaitingRoom
  #listeners: readonly Listener[] = []
  #set: PolicySet
  #closed = false

  constructor(parts: LimiterParts) {
    this.#parts = parts
    this.#set = new PolicySet(parts.policies, parts.known)
    this.#waiting = new WaitingRoom(parts.clock)
  }

  readonly policies: Limiter['policies'] = {
    list: () => this.#set.policies.map(({ options }) => options),
    set: (policy) => this.#replace([...this.#others(policy.name), policy]),
    delete: (name) => {
      this.#set.named(name)
      this.#replace(this.#others(name))
    },
  }

  async consume(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    const lone = options === NO_OPTIONS ? this.#loneDraw(who) : null
    return lone === null ? this.#ask('consume', who, options) : this.#consumeOne(lone)
  }

  consumeSync(who: Who, options: CallOptions = NO_OPTIONS): Decision {
    if (!this.#parts.store.synchronous) {
      throw new HeadgateError('not-synchronous', 'this store answers later; await consume()')
    }
    const lone = options === NO_OPTIONS ? this.#loneDraw(who) : null
    return (lone === null ? this.#ask('consume', who, options) : this.#consumeOne(lone)) as Decision
  }

  async peek(who: Who, options: CallOptions = NO_OPTIONS): Promise<Decision> {
    return this.#ask('peek', who, options)
  }

  async charge(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = NO_OPTIONS): Promise<Decision> {
    return this.#ask('charge', who, { ...options, cost: checkCost(cost) })
  }

  async reserve(who: Who, options: ReserveOptions = NO_OPTIONS): Promise<Reservation> {
    const { ttl = '5m', ...call } = options
    // Read before anything is spent.
    const ttlMs = parseDuration(ttl, 'options.ttl')
    const decision = await this.#ask('consume', who, call)
    return createReservation(decision, ttlMs, {
      clock: this.#parts.clock,
      consume: (cost) => this.consume(who, { ...call, cost }),
      charge: (cost) => this.charge(who, cost, call),
      refund: (receipt, cost) => this.#refund(decodeReceipt(receipt), cost),
    })
  }

  async wait(who: Who, options: WaitOptions = NO_OPTIONS): Promise<Decision> {
    const { timeout, signal, ...call } = options
    const cost = this.#checkCall(call)
    const name = this.#draws(who, cost, call).map(({ budget, key }) => [budget.policy, key])
    return this.#waiting.enter(JSON.stringify(name), {
      timeout,
      signal,
      attempt: () => this.consume(who, call),
      // Also after close: the units must not be lost.
      undo: async ({ receipt }) => {
        if (receipt !== null) await this.#refund(decodeReceipt(receipt), Number.POSITIVE_INFINITY)
      },
    })
  }

  async refund(receipt: string): Promise<void> {
    this.#checkOpen()
    await this.#refund(decodeReceipt(receipt), Number.POSITIVE_INFINITY)
  }

  async reset(who: Who, options: Pick<CallOptions, 'policy'> = NO_OPTIONS): Promise<void> {
    this.#checkOpen()
    checkFields(options, ['policy'], 'options')
    await this.#parts.store.reset(this.#set.targets(who, options))
  }

  health(): Health {
    const { store } = this.#parts
    return store.health?.() ?? unguardedHealth(store)
  }

  on(_event: 'decision', listener: Listener): () => void {
    this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.close(isClosed())
    const { store, ownsStore } = this.#parts
    await store.stop?.()
    if (ownsStore) await store.close()
  }

  /** The decision on one unit of one budget, at once where that is possible: the hot path. */
  #consumeOne(lone: Draw): Decision | Promise<Decision> {
    const { store } = this.#parts
    const verdicts = store.synchronous
      ? (store as SyncStore).decideOneSync('consume', lone)
      : (store.consumeAtOnce?.(lone) ?? null)
    if (verdicts === null) {
      return store.decide('consume', [lone]).then((later) => this.#answer('consume', [lone], 1, later))
    }
    return this.#tell(decisionOf(lone, 1, true, verdicts))
  }

  /** The decision, at once where that is possible. */
  #ask(verb: Verb, who: Who, options: CallOptions): Decision | Promise<Decision> {
    const cost = this.#checkCall(options)
    const draws = this.#draws(who, cost, options)
    const unasked = this.#unasked(draws, cost)
    if (unasked !== null) return this.#tell(unasked)
    const { store } = this.#parts
    // Asking for nothing is a question about debt, and writes nothing.
    const asked = cost === 0 ? 'peek' : verb
    const answer = (verdicts: Verdicts): Decision => this.#answer(asked, draws, cost, verdicts)
    if (store.synchronous) return answer((store as SyncStore).decideSync(asked, draws))
    const known = store.decideAtOnce?.(asked, draws) ?? null
    return known === null ? store.decide(asked, draws, options.deadlineMs).then(answer) : answer(known)
  }

  #answer(verb: Verb, draws: readonly Draw[], cost: number, verdicts: Verdicts): Decision {
    const judged = (verdicts.judged as readonly Draw[] | undefined) ?? draws
    if (judged.length === 0) return this.#tell(unjudgedDecision(verdicts, cost) as Decision)
    return this.#tell(decisionOf(judged, cost, verb !== 'peek', verdicts))
  }

  #tell(decision: Decision): Decision {
    if (this.#listeners.length > 0) this.#notify(decision)
    return decision
  }

  #notify(decision: Decision): void {
    for (const listener of this.#listeners) listener(decision)
  }

  #checkCall(options: CallOptions): number {
    this.#checkOpen()
    if (options === NO_OPTIONS) return 1
    checkFields(options, callFields, 'options')
    const { cost = 1, deadlineMs = 0 } = options
    if (!(deadlineMs >= 0)) throw wrong(deadlineMs, 'is not 0 ms or more', 'options.deadlineMs')
    return checkCost(cost)
  }

  #checkOpen(): void {
    if (this.#closed) throw isClosed()
  }

  /** The one budget a plain key draws a unit from; null where more has to be looked at. */
  #loneDraw(who: Who): Draw | null {
    const { plain } = this.#set
    const lone = plain?.closed === null && typeof who === 'string' && !this.#closed && this.#parts.enabled()
    return lone ? { budget: plain, key: plainTarget(who), cost: 1 } : null
  }

  #draws(who: Who, cost: number, options: TargetOptions): readonly Draw[] {
    return this.#set.targets(who, options).map(({ budget, key }) => ({ budget, key, cost }))
  }

  /** The answer to what needs no store: nothing to judge, switched off, or a limit of 0. */
  #unasked(draws: readonly Draw[], cost: number): Decision | null {
    if (!this.#parts.enabled()) return unaskedDecision('disabled', cost) as Decision
    if (draws.length === 0) return unaskedDecision('unmatched', cost) as Decision
    for (const { budget } of draws) {
      if (budget.closed === null) continue
      return unaskedDecision('denied-by-policy', cost, viewOf(budget.policy, budget.closed)) as Decision
    }
    return null
  }

  /** Takes back up to `cost` units of a spend. */
  async #refund({ id, entries }: Receipt, cost: number): Promise<void> {
    const refunds: Refund[] = []
    for (const [policy, override, limit, key, spent, takenAtUs, resets, place] of entries) {
      const budget = this.#set.budgetOf(policy, { override, limit })
      if (budget === undefined) continue
      const recovery = new Map(resets)
      const marks = budget.rules.map(({ name }) => {
        const recoveredAtUs = recovery.get(name)
        return recoveredAtUs === undefined ? undefined : { takenAtUs, recoveredAtUs }
      })
      refunds.push({ budget, key, cost: Math.min(cost, spent), id, marks, place })
    }
    await this.#parts.store.refund(refunds)
  }

  #others(name: string): PolicyOptions[] {
    return this.policies.list().filter((policy) => policy.name !== name)
  }

  #replace(policies: readonly PolicyOptions[]): void {
    this.#set = new PolicySet(policies, this.#parts.known)
    void this.#parts.store.release?.()
  }
}

function isClosed(): HeadgateError {
  return new HeadgateError('closed', 'this limiter was closed; create another one')
}
