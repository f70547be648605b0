/** What the callers of one mode were told, and whether it can be true. */
import type { Decision, Source } from '../../src/core/decision.ts'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import { CALLERS, capacityOf, shareOf } from './budgets.ts'
import { type Cohort, Cohorts, type Longest } from './cohorts.ts'
import type { Forgets } from './fault.ts'

/** Who answers in each mode while the store does not. */
const standIns: Readonly<Record<OnStoreError, Source>> = {
  local: 'fallback',
  open: 'open',
  closed: 'closed',
}

export interface LedgerOptions {
  readonly mode: OnStoreError
  readonly forgets: Forgets
  readonly deadlineMs: number
}

/** One decision under way. */
export interface Issue {
  readonly caller: number
  readonly at: number
  readonly epoch: number
  readonly cohort: Cohort
}

const PROBLEMS_KEPT = 10

export class Ledger {
  readonly mode: OnStoreError
  issued = 0
  settled = 0
  /** Admitted, by who answered. */
  readonly admitted = { store: 0, standIn: 0 }
  /** By caller: admitted by the store, since it last forgot everything. */
  readonly admittedByStore: Uint32Array = new Uint32Array(CALLERS)
  /** By caller: handed to the store, since it last forgot everything. */
  readonly asked: Uint32Array = new Uint32Array(CALLERS)
  /** By caller: admitted in place of the store. */
  readonly admittedByShare: Uint32Array = new Uint32Array(CALLERS)
  /** By caller: when the store answered for the first time what was asked since it is back. */
  readonly backAt: Float64Array = new Float64Array(CALLERS)
  /** By caller: the longest time without an answer of the store while the fault lasted, in milliseconds. */
  readonly gapsMs: Float64Array = new Float64Array(CALLERS)
  /** Units that the store had charged and does not know of any more, as its answers say. */
  forgotten = 0
  /** When an answer last said so, in milliseconds since the fault struck. */
  forgottenAtMs = 0
  readonly problems: string[] = []
  readonly #options: LedgerOptions
  readonly #cohorts: Cohorts
  #epoch = 0
  #lasts = false
  #struckAt = 0
  #isOver = false
  /** By caller: what the store last said remains. */
  readonly #remaining: Float64Array = Float64Array.from({ length: CALLERS }, (_, i) => capacityOf(i))
  readonly #answeredAt: Float64Array = new Float64Array(CALLERS)
  #returnedAt = Number.POSITIVE_INFINITY
  #silentSince = Number.POSITIVE_INFINITY

  constructor(options: LedgerOptions) {
    this.#options = options
    this.mode = options.mode
    this.#cohorts = new Cohorts(options.deadlineMs, (problem) => this.note(problem))
  }

  get longest(): Longest {
    return this.#cohorts.longest
  }

  get inFlight(): number {
    return this.issued - this.settled
  }

  /** Whether every caller was answered by the store since that came back. */
  get isBack(): boolean {
    return this.backAt.every((at) => at > 0)
  }

  issue(caller: number): Issue {
    this.issued++
    return { caller, at: performance.now(), epoch: this.#epoch, cohort: this.#cohorts.join() }
  }

  settle(issue: Issue, decision: Decision): void {
    this.#settled(issue)
    if (decision.source === 'store') this.#check(issue, decision)
    else if (decision.source !== standIns[this.mode]) this.note(`answered by ${decision.source}`)
    else if (decision.allowed) this.#standIn(issue)
  }

  /** No decision may reject: every question here is a right one. */
  reject(issue: Issue, reason: unknown): void {
    this.#settled(issue)
    this.note(`rejected: ${reason}`)
  }

  /** The fault is in force, until `returned`. */
  struck(): void {
    this.#lasts = true
    this.#struckAt = performance.now()
    this.#answeredAt.fill(this.#struckAt)
  }

  /** From now on the store is not to answer what is asked, until `returned`. */
  silent(): void {
    this.#silentSince = performance.now()
  }

  /** The store lost everything: what was asked before does not count any more. */
  forget(): void {
    this.#epoch++
    this.admittedByStore.fill(0)
    this.asked.fill(0)
    for (let caller = 0; caller < CALLERS; caller++) this.#remaining[caller] = capacityOf(caller)
  }

  /** The store is back: it forgets nothing any more. */
  over(): void {
    this.#isOver = true
  }

  /** The store may answer again. */
  healing(): void {
    this.#silentSince = Number.POSITIVE_INFINITY
  }

  returned(): void {
    for (let caller = 0; caller < CALLERS; caller++) this.#answered(caller)
    this.#lasts = false
    this.#returnedAt = performance.now()
  }

  note(problem: string): void {
    if (this.problems.length < PROBLEMS_KEPT) this.problems.push(`${this.mode}: ${problem}`)
  }

  #settled({ at, cohort }: Issue): void {
    this.settled++
    this.#cohorts.leave(cohort, performance.now() - at)
  }

  #check({ caller, at, epoch }: Issue, { allowed, remaining }: Decision): void {
    if (!allowed) this.note(`caller ${caller} was denied by the store`)
    this.admitted.store++
    this.#answered(caller)
    if (at >= this.#silentSince) this.note('the store answered, which it cannot')
    if (at >= this.#returnedAt && this.backAt[caller] === 0) this.backAt[caller] = performance.now()
    if (epoch !== this.#epoch || remaining === null) return
    this.#remember(caller, remaining)
    const admitted = add(this.admittedByStore, caller)
    const least = capacityOf(caller) - (this.asked[caller] as number)
    const most = capacityOf(caller) - (this.#options.forgets === 'uncopied' ? 1 : admitted)
    if (remaining >= least && remaining <= most) return
    this.note(`caller ${caller} has ${remaining} left, which is not from ${least} to ${most}`)
  }

  #remember(caller: number, remaining: number): void {
    const units = remaining + 1 - (this.#remaining[caller] as number)
    this.#remaining[caller] = remaining
    if (units <= 0) return
    this.forgotten += units
    this.forgottenAtMs = performance.now() - this.#struckAt
    if (this.#isOver) this.note(`the store forgot ${units} units of caller ${caller} when all was over`)
  }

  #answered(caller: number): void {
    if (!this.#lasts) return
    const now = performance.now()
    const gapMs = now - (this.#answeredAt[caller] as number)
    this.#answeredAt[caller] = now
    this.gapsMs[caller] = Math.max(gapMs, this.gapsMs[caller] as number)
  }

  #standIn({ caller }: Issue): void {
    this.admitted.standIn++
    if (this.mode === 'closed') this.note('closed admitted')
    if (this.mode !== 'local') return
    const admitted = add(this.admittedByShare, caller)
    if (admitted > shareOf(caller)) this.note(`caller ${caller} was admitted ${admitted} times by its share`)
  }
}

/** Counts one more; answers how many there are. */
export function add(counts: Uint32Array, caller: number): number {
  const count = (counts[caller] as number) + 1
  counts[caller] = count
  return count
}
