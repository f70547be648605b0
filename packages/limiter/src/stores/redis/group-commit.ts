import type { Verdicts } from '../../core/store.ts'
import { timedOut } from '../../core/store-timeout.ts'
import type { Question } from './questions.ts'

interface Pending extends Question {
  /** Until when somebody waits for it, by `performance.now()`. */
  readonly until: number
  readonly resolve: (verdicts: Verdicts) => void
  readonly reject: (reason: unknown) => void
}

/** Sends decisions in one call; answers their verdicts, in order. */
export type SendGroup = (group: readonly Question[]) => Promise<readonly Verdicts[]>

/** A server that takes longer than this is far away, and further calls need not wait for it; but for so many. */
const PATIENCE_MS = 2
const CALLS_MAX = 64
/** Most decisions, and most rules, in one script call: it must not hold the server up for long. */
const DECISIONS_MAX = 64
const RULES_MAX = 256

/**
 * Collects decisions, so that those that arrive together travel in one script call. Up to `calls` calls are under way
 * at a time, so that server and client work side by side; what arrives meanwhile waits for the first of them to
 * return, and what arrives while one may start leaves at the end of the tick. To a distant server further calls start
 * meanwhile. Callers need not act in step.
 */
export class GroupCommit {
  readonly #send: SendGroup
  readonly #calls: number
  #pending: Pending[] = []
  #underWay = 0
  /** When the last call began, by `performance.now()`. */
  #lastCallMs = 0
  /** A call that may start beyond those, since the last one takes long. */
  #extra = 0
  #scheduled = false
  /** Whether somebody waited for a call to return, and may have given up. */
  #backlog = false

  constructor(send: SendGroup, calls: number) {
    this.#send = send
    this.#calls = calls
  }

  /** Queues a decision for the next call; it is not sent any more once `deadlineMs` are over. */
  add(question: Question, deadlineMs?: number): Promise<Verdicts> {
    const now = performance.now()
    const until = deadlineMs === undefined ? Number.POSITIVE_INFINITY : now + deadlineMs
    return new Promise((resolve, reject) => {
      const [first] = this.#pending
      // One call has one time.
      if (first !== undefined && first.time !== question.time) this.flush()
      const { verb, asks, least, time } = question
      this.#pending.push({ verb, asks, least, time, until, resolve, reject })
      this.#schedule(now - this.#lastCallMs > PATIENCE_MS)
    })
  }

  /** Sends everything that somebody waits for, so that something else may follow it. */
  flush(): void {
    this.#pending = awaited(this.#pending)
    while (this.#pending.length > 0) this.#dispatchNext(DECISIONS_MAX)
  }

  #schedule(isFar = false): void {
    if (isFar && this.#underWay < CALLS_MAX) this.#extra = 1
    if (this.#free() <= 0) this.#backlog = true
    if (this.#scheduled || this.#free() <= 0) return
    this.#scheduled = true
    process.nextTick(() => {
      this.#scheduled = false
      this.#deal()
    })
  }

  /** Deals what waits to the calls that may start. */
  #deal(): void {
    if (this.#backlog) this.#pending = awaited(this.#pending)
    this.#backlog = false
    for (let free = this.#free(); free > 0 && this.#pending.length > 0; free--) {
      this.#dispatchNext(Math.min(DECISIONS_MAX, Math.ceil(this.#pending.length / free)))
    }
  }

  /** Calls that may start. */
  #free(): number {
    return Math.max(this.#extra, this.#calls - this.#underWay)
  }

  #dispatchNext(size: number): void {
    let end = 0
    let rules = 0
    while (end < size && end < this.#pending.length) {
      for (const { budget } of (this.#pending[end] as Pending).asks) rules += budget.rules.length
      if (end > 0 && rules > RULES_MAX) break
      end++
    }
    this.#dispatch(this.#pending.splice(0, end))
  }

  #dispatch(group: readonly Pending[]): void {
    this.#underWay++
    this.#extra = 0
    this.#lastCallMs = performance.now()
    this.#send(group).then(
      (verdicts) => {
        this.#returned()
        for (let i = 0; i < group.length; i++) (group[i] as Pending).resolve(verdicts[i] as Verdicts)
      },
      (reason: unknown) => {
        this.#returned()
        for (const { reject } of group) reject(reason)
      },
    )
  }

  #returned(): void {
    this.#underWay--
    // After those who were answered have asked again.
    if (this.#pending.length > 0) this.#schedule()
  }
}

/** Those that somebody still waits for: the others must not be charged. */
function awaited(pending: readonly Pending[]): Pending[] {
  const now = performance.now()
  return pending.filter(({ until, reject }) => {
    if (until > now) return true
    reject(timedOut(0, 'process'))
    return false
  })
}
