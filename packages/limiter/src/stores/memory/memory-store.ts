// biome-ignore-all lint/complexity/useMaxParams: a hot path; an object of arguments would be made for every decision
import { RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../core/algorithm.ts'
import { neededUnits } from '../../core/budget.ts'
import type { Claim, Claimed } from '../../core/claiming-store.ts'
import type { Clock } from '../../core/clock.ts'
import type { DocumentPut, DocumentRead } from '../../core/document-store.ts'
import { passes } from '../../core/passing.ts'
import type { Rule } from '../../core/rule.ts'
import type { SecretOffer } from '../../core/secret-store.ts'
import { blockFor, forgetSpend, noteSpend, STANDING_SIZE } from '../../core/standing.ts'
import {
  type BudgetKey,
  type BudgetRequest,
  type ClearableStore,
  type Grant,
  type Refund,
  TOO_MANY_WINDOWS,
  type Verb,
  type Verdicts,
} from '../../core/store.ts'
import { ClaimLedger } from './claim-ledger.ts'
import { DocumentLedger } from './document-ledger.ts'
import { creditSpends, refundSpend } from './give-back.ts'
import { Keyspace } from './keyspace.ts'
import { Layouts } from './layouts.ts'
import type { MemoryStats, MemoryStore } from './memory-store-options.ts'
import type { RecordCursor } from './record-cursor.ts'
import { RefundLedger } from './refund-ledger.ts'
import { SecretLedger } from './secret-ledger.ts'
import { type Restored, snapshotOf } from './snapshot.ts'
import { barredFor, type DeniedVerdicts, noteOffence, tellBarred } from './standing-verdict.ts'

/** The store in the memory of this process; see `memoryStore`. */
export class TypedArrayStore implements MemoryStore, ClearableStore {
  readonly clock: Clock
  readonly #maxKeys: number
  #layouts: Layouts
  #keyspace: Keyspace
  #refunded: RefundLedger
  #claims: ClaimLedger
  #secrets: SecretLedger
  #documents: DocumentLedger
  readonly #cursors: RecordCursor[] = []
  // Reused by every call: a limiter reads it before the next one.
  readonly #verdicts = { now: 0, numbers: new Float64Array(32 * VERDICT_SIZE), source: 'store' as const }
  /** Even; a record created by a rate that came with a call gets an odd number instead. */
  #incarnations: number

  constructor(maxKeys: number, clock: Clock, { layouts, keys, incarnations, ...kept }: Restored) {
    this.clock = clock
    this.#maxKeys = maxKeys
    this.#layouts = layouts
    this.#keyspace = new Keyspace(maxKeys, layouts, keys)
    this.#refunded = new RefundLedger(kept.refunds)
    this.#claims = new ClaimLedger(kept.claims)
    this.#secrets = new SecretLedger(kept.secrets)
    this.#documents = new DocumentLedger(kept.documents)
    // Above any number that a process before this one drew, also one whose snapshot there is not: of those it is the time.
    const now = clock.now()
    this.#incarnations = Math.max(incarnations, now - (now % 2))
  }

  decideSync(verb: Verb, requests: readonly BudgetRequest[]): Verdicts {
    const now = this.clock.now()
    const verdicts = this.#verdicts
    verdicts.now = now
    this.#incarnations += 2
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
    const size = VERDICT_SIZE * requests.reduce((rules, { budget }) => rules + budget.rules.length, 0)
    if (size > verdicts.numbers.length) verdicts.numbers = new Float64Array(size * 2)
    const admits = this.#judge(verb, requests, now)
    let from = 0
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i] as BudgetRequest
      const cursor = this.#cursors[i] as RecordCursor
      // A peek reports what a spend would leave, so it spends too, in the working copy, which is not saved.
      const spends = admits && request.cost > 0 && verb !== 'credit' && cursor.spends
      const credits = verb === 'credit' && cursor.found && this.#credit(request, cursor, now, from)
      const offends = verb === 'consume' && !admits && this.#offends(request, cursor, now, from)
      const end = this.#measure(request, cursor, spends, now, from)
      if (cursor.standing >= 0) this.#stand(verb, cursor, { spends, offends, now, from, end })
      from = end
      if (verb !== 'peek' && (spends || credits || offends || cursor.mustSave))
        this.#keyspace.save(cursor, now)
    }
    return verdicts
  }

  refundSync(refunds: readonly Refund[]): readonly number[] {
    const now = this.clock.now()
    return refunds.map((refund) => {
      const cursor = this.#keyspace.load(0, refund, 0, now)
      if (!cursor.found || !this.#refunded.allows(refund, cursor, now)) return 0
      const given = refundSpend(refund, cursor, this.#keyspace.state, now)
      if (given === null) return 0
      this.#refunded.add(refund, cursor)
      if (cursor.standing >= 0) forgetSpend(this.#keyspace.state, cursor.standing, refund.undoneAtUs ?? 0)
      this.#keyspace.save(cursor, now)
      return given
    })
  }

  resetSync(keys: readonly BudgetKey[]): void {
    for (const key of keys) this.#keyspace.forget(key)
  }

  blockSync(keys: readonly BudgetKey[], lengthUs: number): void {
    const now = this.clock.now()
    for (const key of keys) {
      this.#keyspace.changeStanding(key, now, (standing) => blockFor(standing, 0, now, lengthUs))
    }
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    const { now, numbers, source } = this.decideSync(verb, requests)
    const size = VERDICT_SIZE * requests.reduce((rules, { budget }) => rules + budget.rules.length, 0)
    return { now, numbers: Array.from((numbers as Float64Array).subarray(0, size)), source }
  }

  async acquire(request: BudgetRequest, min: number): Promise<Grant> {
    const { numbers } = this.decideSync('peek', [{ ...request, cost: 0 }])
    const left = request.budget.rules.map((_, i) => numbers[i * VERDICT_SIZE + REMAINING] as number)
    const cost = Math.max(min, Math.min(request.cost, ...left))
    const { now } = this.decideSync('consume', [{ ...request, cost, blameless: true }])
    const granted = passes([request], numbers) ? cost : 0
    return { now, numbers: Array.from(numbers), source: 'store', granted }
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return this.refundSync(refunds)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    this.resetSync(keys)
  }

  async claim(claim: Claim): Promise<Claimed> {
    return this.#claims.take(claim, this.clock.now())
  }

  async unclaim(id: string): Promise<void> {
    this.#claims.giveUp(id)
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    this.blockSync(keys, lengthUs)
  }

  async clear(): Promise<void> {
    this.#layouts = new Layouts(this.#layouts.seed)
    this.#keyspace = new Keyspace(this.#maxKeys, this.#layouts, 0)
    this.#refunded = new RefundLedger()
    this.#claims = new ClaimLedger()
    this.#secrets = new SecretLedger()
    this.#documents = new DocumentLedger()
  }

  async close(): Promise<void> {}

  stats(): MemoryStats {
    return { keys: this.#keyspace.keys, overflowed: this.#keyspace.overflowed }
  }

  async secrets(offer: SecretOffer): Promise<readonly string[]> {
    return this.#secrets.offer(offer, this.clock.now())
  }

  async readDocument(name: string, known: string | null): Promise<DocumentRead> {
    return this.#documents.read(name, known)
  }

  async putDocument(name: string, put: DocumentPut): Promise<boolean> {
    return this.#documents.put(name, put)
  }

  snapshot(): Uint8Array {
    const now = this.clock.now()
    const [layouts, incarnations] = [this.#layouts, this.#incarnations]
    const [refunds, claims] = [this.#refunded.entries(now), this.#claims.entries(now)]
    const [secrets, documents] = [this.#secrets.entries, this.#documents.entries]
    return snapshotOf({ layouts, incarnations, refunds, claims, secrets, documents }, now)
  }

  /**
   * The most common decision, one key and one rule, without the loops that several need. Returns false, and decides nothing,
   * where something stands against the key.
   */
  #decideOne(verb: Verb, request: BudgetRequest, rule: Rule, now: number): boolean {
    const { algorithm, terms, capacity } = rule
    const { cost } = request
    const keyspace = this.#keyspace
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
      algorithm.spend(terms, state, 0, now, cost, this.#incarnations + (rule.byCall ? 1 : 0))
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
      const cursor = this.#keyspace.load(i, request, base, now)
      this.#cursors[i] = cursor
      const { rules, enforces, hasShadow } = request.budget
      const needed = neededUnits(request.budget, request.cost)
      let together = true
      let spends = false
      for (let r = 0; r < rules.length; r++) {
        const { algorithm, terms, shadow } = rules[r] as Rule
        const o = base + (cursor.layout.offsets[r] as number)
        const { state } = this.#keyspace
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
      const isBarred = isLimited && barredFor(this.#keyspace.state, cursor, now) > 0
      if (enforces && (isBarred || !together)) admits = false
      cursor.together = !isBarred && together && !(hasShadow && rules.every(({ shadow }) => shadow))
      cursor.spends = !isBarred && (spends || cursor.together)
      // Where an offence will stand, see `addStanding`.
      base += cursor.layout.workingSize + (request.budget.bans === undefined ? 0 : STANDING_SIZE)
    }
    return admits
  }

  #credit(request: BudgetRequest, cursor: RecordCursor, now: number, from: number): boolean {
    const { numbers } = this.#verdicts
    return creditSpends(request, cursor, this.#keyspace.state, { now, numbers, from })
  }

  #offends(request: BudgetRequest, cursor: RecordCursor, now: number, from: number): boolean {
    if (request.budget.bans === undefined) return false
    const { numbers } = this.#verdicts
    return noteOffence(request, cursor, this.#keyspace, { now, numbers, from })
  }

  /** Notes a spend, and adds to the verdicts of a request what stands against its key. */
  #stand(verb: Verb, cursor: RecordCursor, { spends, now, ...verdicts }: StandingCall): void {
    const { state } = this.#keyspace
    if (spends && cursor.together) noteSpend(state, cursor.standing)
    const heldUs = isEnforced(verb) ? barredFor(state, cursor, now) : 0
    if (heldUs > 0) tellBarred(heldUs, this.#verdicts.numbers, verdicts)
  }

  /** Spends under the rules that pass, and writes what remains; returns the offset of the next request's verdicts. */
  #measure(
    request: BudgetRequest,
    cursor: RecordCursor,
    spends: boolean,
    now: number,
    begin: number,
  ): number {
    const { numbers } = this.#verdicts
    const { state } = this.#keyspace
    const { rules } = request.budget
    let from = begin
    for (let r = 0; r < rules.length; r++) {
      const { algorithm, terms, capacity, byCall, shadow } = rules[r] as Rule
      const o = cursor.base + (cursor.layout.offsets[r] as number)
      if (spends && (shadow ? numbers[from + WAIT] === 0 : cursor.together)) {
        algorithm.spend(terms, state, o, now, request.cost, this.#incarnations + (byCall ? 1 : 0))
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
