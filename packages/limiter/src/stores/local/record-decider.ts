// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import { RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import { neededUnits } from '../../core/budget.ts'
import { passes } from '../../core/passing.ts'
import type { Rule } from '../../core/rule.ts'
import { blockFor, forgetSpend, noteSpend, STANDING_SIZE } from '../../core/standing.ts'
import {
  type BudgetKey,
  type BudgetRequest,
  type Grant,
  type Refund,
  TOO_MANY_WINDOWS,
  type Verb,
  type Verdicts,
} from '../../core/store.ts'
import { creditSpends, refundSpend } from './give-back.ts'
import type { Keyspace } from './keyspace.ts'
import type { RefundBook } from './refund-book.ts'
import { barredFor, type DeniedVerdicts, noteOffence, tellBarred } from './standing-verdict.ts'
import type { WorkingCopy } from './working-copy.ts'

/** Makes decisions on the records of a keyspace; the same for every store in this process. */
export class RecordDecider<C extends WorkingCopy = WorkingCopy> {
  readonly keyspace: Keyspace<C>
  /** Even; a record created by a rate that came with a call gets the odd number behind. Each decision draws the next one. */
  incarnation: number
  readonly #cursors: C[] = []
  // Reused by every call: a limiter reads it before the next one.
  readonly #verdicts = { now: 0, numbers: new Float64Array(32 * VERDICT_SIZE), source: 'store' as const }

  constructor(keyspace: Keyspace<C>, incarnation: number) {
    this.keyspace = keyspace
    this.incarnation = incarnation
  }

  decide(
    verb: Verb,
    requests: readonly BudgetRequest[],
    now: number,
  ): Verdicts & { readonly numbers: Float64Array } {
    const verdicts = this.#verdicts
    verdicts.now = now
    this.incarnation += 2
    const first = requests[0]
    if (
      first !== undefined &&
      requests.length === 1 &&
      first.budget.rules.length === 1 &&
      first.budget.bans === undefined &&
      verb !== 'credit' &&
      this.#decideOne(verb, first, first.budget.rules[0] as Rule, now)
    ) {
      return verdicts
    }
    const size = verdictsSize(requests)
    if (size > verdicts.numbers.length) verdicts.numbers = new Float64Array(size * 2)
    const admits = this.#judge(verb, requests, now)
    let from = 0
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i] as BudgetRequest
      const cursor = this.#cursors[i] as C
      // A peek reports what a spend would leave, so it spends too, in the working copy, which is not saved.
      const spends = admits && request.cost > 0 && verb !== 'credit' && cursor.spends
      const credits = verb === 'credit' && cursor.found && this.#credit(request, cursor, now, from)
      const offends = verb === 'consume' && !admits && this.#offends(request, cursor, now, from)
      const end = this.#measure(request, cursor, spends, now, from)
      if (cursor.standing >= 0) this.#stand(verb, cursor, { spends, offends, now, from, end })
      from = end
      if (verb !== 'peek' && (spends || credits || offends || cursor.mustSave))
        this.keyspace.save(cursor, now)
    }
    return verdicts
  }

  /** Spends as many units as are available, see `LeasingStore.acquire`. */
  acquire(request: BudgetRequest, min: number, now: number): Grant {
    const { numbers } = this.decide('peek', [{ ...request, cost: 0 }], now)
    const left = request.budget.rules.map((_, i) => numbers[i * VERDICT_SIZE + REMAINING] as number)
    const cost = Math.max(min, Math.min(request.cost, ...left))
    const requests = [{ ...request, cost, blameless: true }]
    const verdicts = copyOf(this.decide('consume', requests, now), requests)
    return { ...verdicts, granted: passes([request], verdicts.numbers) ? cost : 0 }
  }

  /** Gives a spend back, if the book knows of no refund of it; returns whole units. */
  refund(refund: Refund, book: RefundBook, now: number): number {
    const cursor = this.keyspace.load(0, refund, 0, now)
    if (!cursor.found || !book.allows(refund, cursor, now)) return 0
    const given = refundSpend(refund, cursor, this.keyspace.state, now)
    if (given === null) return 0
    book.add(refund, cursor)
    if (cursor.standing >= 0) forgetSpend(this.keyspace.state, cursor.standing, refund.undoneAtUs ?? 0)
    this.keyspace.save(cursor, now)
    return given
  }

  block(key: BudgetKey, lengthUs: number, now: number): void {
    this.keyspace.changeStanding(key, now, (standing) => blockFor(standing, 0, now, lengthUs))
  }

  /**
   * The most common decision, one key and one rule, without the loops that several need. Returns false, and decides nothing,
   * where something stands against the key.
   */
  #decideOne(verb: Verb, request: BudgetRequest, rule: Rule, now: number): boolean {
    const { algorithm, terms, capacity } = rule
    const { cost } = request
    const { keyspace } = this
    const cursor = keyspace.load(0, request, 0, now)
    if (cursor.standing >= 0) return false
    const { state } = keyspace
    const { numbers } = this.#verdicts
    const mustSave = cursor.mustSave || algorithm.isFuture(terms, state, 0, now)
    algorithm.advance(terms, state, 0, now)
    let wait = algorithm.waitFor(terms, state, 0, now, neededUnits(request.budget, cost))
    if (verb === 'charge') wait = 0
    if (cursor.fullUntil !== null) wait = TOO_MANY_WINDOWS
    const spends = wait === 0 && cost > 0
    if (spends) {
      algorithm.spend(terms, state, 0, now, cost, this.incarnation + (rule.byCall ? 1 : 0))
      algorithm.receipt(terms, state, 0, numbers, RECEIPT)
    } else numbers[RECEIPT] = 0
    const recoversAt = cursor.fullUntil?.[0] ?? algorithm.recoversAt(terms, state, 0)
    numbers[WAIT] = wait
    numbers[REMAINING] = Math.max(0, capacity - algorithm.used(terms, state, 0, now))
    numbers[RESET] = recoversAt === 0 ? 0 : recoversAt - now
    if (verb !== 'peek' && (spends || mustSave)) keyspace.save(cursor, now)
    return true
  }

  /**
   * Advances the state of every request and writes the waits; true when all rules that enforce their limit pass. Sets
   * `spends` of each cursor.
   */
  #judge(verb: Verb, requests: readonly BudgetRequest[], now: number): boolean {
    const { numbers } = this.#verdicts
    const isLimited = isEnforced(verb)
    let admits = true
    let base = 0
    let from = 0
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i] as BudgetRequest
      const cursor = this.keyspace.load(i, request, base, now)
      this.#cursors[i] = cursor
      const { rules, enforces, hasShadow } = request.budget
      const needed = neededUnits(request.budget, request.cost)
      let together = true
      let spends = false
      for (let r = 0; r < rules.length; r++) {
        const { algorithm, terms, shadow } = rules[r] as Rule
        const o = base + (cursor.layout.offsets[r] as number)
        const { state } = this.keyspace
        if (algorithm.isFuture(terms, state, o, now)) cursor.mustSave = true
        algorithm.advance(terms, state, o, now)
        const wait = isLimited ? algorithm.waitFor(terms, state, o, now, needed) : 0
        const isFull = (cursor.fullUntil?.[r] ?? 0) > 0
        numbers[from + WAIT] = isFull ? TOO_MANY_WINDOWS : wait
        const isPassing = wait === 0 && !isFull
        if (shadow) spends ||= isPassing
        else together &&= isPassing
        from += VERDICT_SIZE
      }
      const isBarred = isLimited && barredFor(this.keyspace.state, cursor, now) > 0
      if (enforces && (isBarred || !together)) admits = false
      cursor.together = !isBarred && together && !(hasShadow && rules.every(({ shadow }) => shadow))
      cursor.spends = !isBarred && (spends || cursor.together)
      // Where an offence will stand, see `addStanding`.
      base += cursor.layout.workingSize + (request.budget.bans === undefined ? 0 : STANDING_SIZE)
    }
    return admits
  }

  #credit(request: BudgetRequest, cursor: C, now: number, from: number): boolean {
    const { numbers } = this.#verdicts
    return creditSpends(request, cursor, this.keyspace.state, { now, numbers, from })
  }

  #offends(request: BudgetRequest, cursor: C, now: number, from: number): boolean {
    if (request.budget.bans === undefined) return false
    const { numbers } = this.#verdicts
    return noteOffence(request, cursor, this.keyspace, { now, numbers, from })
  }

  /** Notes a spend, and adds to the verdicts of a request what stands against its key. */
  #stand(verb: Verb, cursor: C, { spends, now, ...verdicts }: StandingCall): void {
    const { state } = this.keyspace
    if (spends && cursor.together) noteSpend(state, cursor.standing)
    const heldUs = isEnforced(verb) ? barredFor(state, cursor, now) : 0
    if (heldUs > 0) tellBarred(heldUs, this.#verdicts.numbers, verdicts)
  }

  /** Spends under the rules that pass, and writes what remains; returns the offset of the next request's verdicts. */
  #measure(request: BudgetRequest, cursor: C, spends: boolean, now: number, begin: number): number {
    const { numbers } = this.#verdicts
    const { state } = this.keyspace
    const { rules } = request.budget
    let from = begin
    for (let r = 0; r < rules.length; r++) {
      const { algorithm, terms, capacity, byCall, shadow } = rules[r] as Rule
      const o = cursor.base + (cursor.layout.offsets[r] as number)
      if (spends && (shadow ? numbers[from + WAIT] === 0 : cursor.together)) {
        algorithm.spend(terms, state, o, now, request.cost, this.incarnation + (byCall ? 1 : 0))
        algorithm.receipt(terms, state, o, numbers, from + RECEIPT)
      } else numbers[from + RECEIPT] = 0
      const recoversAt = cursor.fullUntil?.[r] || algorithm.recoversAt(terms, state, o)
      numbers[from + REMAINING] = Math.max(0, capacity - algorithm.used(terms, state, o, now))
      numbers[from + RESET] = recoversAt === 0 ? 0 : recoversAt - now
      from += VERDICT_SIZE
    }
    return from
  }
}

/** A request against whose key something stands. */
interface StandingCall extends DeniedVerdicts {
  readonly spends: boolean
  readonly now: number
}

/** Whether limits, bans and blocks stop this verb. */
function isEnforced(verb: Verb): boolean {
  return verb === 'consume' || verb === 'peek'
}

/** Verdicts that the next decision does not overwrite. */
export function copyOf(
  { now, numbers, source }: Verdicts,
  requests: readonly BudgetRequest[],
): Verdicts & { readonly numbers: readonly number[] } {
  return { now, numbers: Array.from((numbers as Float64Array).subarray(0, verdictsSize(requests))), source }
}

function verdictsSize(requests: readonly BudgetRequest[]): number {
  return VERDICT_SIZE * requests.reduce((rules, { budget }) => rules + budget.rules.length, 0)
}
