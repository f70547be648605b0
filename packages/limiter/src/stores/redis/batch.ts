import { timedOut } from '../../core/store-timeout.ts'
import type { PendingDecision } from './pending-decision.ts'

/** A decision that waits, and who hears of it. */
interface Waiting<R> {
  readonly decision: PendingDecision
  /** Whether anybody still waits for the answer; from then on the store's time counts. */
  readonly onSend: (() => boolean) | undefined
  readonly resolve: (result: R) => void
  readonly reject: (reason: unknown) => void
}

/** Sends decisions in one script call; answers their results, in order. */
export type SendBatch<R> = (decisions: readonly PendingDecision[]) => Promise<readonly R[]>

/** A server that takes longer than this is far away, and further calls need not wait for it; but for so many. */
const FAR_MS = 2
const CALLS_MAX = 64
/** The aim for the server's time of one script call, in which it does nothing else, and of all that are in flight. */
const SCRIPT_MS = 1
const FLIGHT_MS = 3
/** Most decisions of a call while nothing is known of the server's time, ever, and in any case. */
const UNKNOWN_MAX = 256
const DECISIONS_MAX = 1024
const DECISIONS_MIN = 32
/** Most rules in one call: a reply holds some numbers for each. */
const RULES_MAX = 1024

/**
 * Collects decisions, so that those that arrive together travel in one script call. Up to `calls` calls are in flight
 * at a time, so that server and client work side by side; what arrives meanwhile waits for the first of them to
 * return, and what arrives while one may start leaves at the end of the tick. To a distant server further calls start
 * meanwhile. Callers need not act in step.
 */
export class Batch<R> {
  readonly #send: SendBatch<R>
  readonly #calls: number
  #waiting: Waiting<R>[] = []
  #inFlight = 0
  #decisionsInFlight = 0
  /** When the last call began and when the last one returned, by `performance.now()`. */
  #beganMs = 0
  #returnedMs = 0
  /** Server time of one decision, as far as it is known. */
  #decisionMs = SCRIPT_MS / UNKNOWN_MAX
  /** A call that may start beyond those, since the last one takes long. */
  #extra = 0
  #scheduled = false
  /** Looks whether calls return at all, while something waits for them. */
  #timer: NodeJS.Timeout | null = null

  constructor(send: SendBatch<R>, calls: number) {
    this.#send = send
    this.#calls = calls
  }

  /** Queues a decision for the next call. */
  add(decision: PendingDecision, onSend?: () => boolean): Promise<R> {
    return new Promise((resolve, reject) => {
      const [first] = this.#waiting
      // One call has one time.
      if (first !== undefined && first.decision.time !== decision.time) this.flush()
      this.#waiting.push({ decision, onSend, resolve, reject })
      this.#schedule(performance.now() - this.#beganMs > FAR_MS)
    })
  }

  /** Sends everything that somebody waits for, so that something else may follow it. */
  flush(): void {
    while (this.#waiting.length > 0) this.#dispatchNext(DECISIONS_MAX)
  }

  #schedule(isFar = false): void {
    if (isFar && this.#inFlight < CALLS_MAX) this.#extra = 1
    if (this.#scheduled) return
    if (this.#free() <= 0) {
      this.#watch()
      return
    }
    this.#scheduled = true
    process.nextTick(() => {
      this.#scheduled = false
      this.#deal()
    })
  }

  /** Calls that hang must not hold up what waits behind them: it would never be known that the store fails. */
  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      const isFar = performance.now() - Math.max(this.#beganMs, this.#returnedMs) > FAR_MS
      while (isFar && this.#waiting.length > 0 && this.#inFlight < CALLS_MAX) this.#dispatchNext(this.#most())
      if (this.#waiting.length > 0) this.#schedule()
    }, FAR_MS).unref()
  }

  /** Deals what waits to the calls that may start. */
  #deal(): void {
    const most = this.#most()
    for (let free = this.#free(); free > 0 && this.#waiting.length > 0; free = this.#free()) {
      this.#dispatchNext(Math.min(most, Math.ceil(this.#waiting.length / free)))
    }
    if (this.#waiting.length > 0) this.#watch()
  }

  /** Decisions of one call. */
  #most(): number {
    return Math.round(SCRIPT_MS / this.#decisionMs)
  }

  /** Calls that may start: what they wait for on the server is part of their time there. */
  #free(): number {
    const isFull = this.#inFlight > 0 && this.#decisionsInFlight * this.#decisionMs >= FLIGHT_MS
    return Math.max(this.#extra, isFull ? 0 : this.#calls - this.#inFlight)
  }

  #dispatchNext(size: number): void {
    let end = 0
    let rules = 0
    while (end < size && end < this.#waiting.length) {
      for (const { budget } of (this.#waiting[end] as Waiting<R>).decision.requests)
        rules += budget.rules.length
      if (end > 0 && rules > RULES_MAX) break
      end++
    }
    const sent = this.#waiting.splice(0, end).filter(isAwaited)
    if (sent.length > 0) this.#dispatch(sent)
  }

  #dispatch(sent: readonly Waiting<R>[]): void {
    this.#inFlight++
    this.#decisionsInFlight += sent.length
    this.#extra = 0
    this.#beganMs = performance.now()
    const beganMs = this.#beganMs
    this.#send(sent.map(({ decision }) => decision)).then(
      (results) => {
        this.#returned(beganMs, sent.length, true)
        for (let i = 0; i < sent.length; i++) (sent[i] as Waiting<R>).resolve(results[i] as R)
      },
      (reason: unknown) => {
        this.#returned(beganMs, sent.length, false)
        for (const { reject } of sent) reject(reason)
      },
    )
  }

  #returned(beganMs: number, decisions: number, isAnswered: boolean): void {
    const now = performance.now()
    if (isAnswered) this.#learn(now, beganMs, decisions)
    this.#returnedMs = now
    this.#inFlight--
    this.#decisionsInFlight -= decisions
    // After those who were answered have asked again.
    if (this.#waiting.length > 0) this.#schedule()
  }

  /**
   * Calls follow each other on the server, so the time since the one before returned is at most this one's. Where none was
   * in flight before it, its time has a round trip in it, of which a small call knows too little to make calls smaller.
   */
  #learn(now: number, beganMs: number, decisions: number): void {
    const isAlone = this.#returnedMs <= beganMs
    const decisionMs = (now - Math.max(beganMs, this.#returnedMs)) / decisions
    if (isAlone && decisions < DECISIONS_MIN && decisionMs > this.#decisionMs) return
    const next = this.#decisionMs * 0.75 + decisionMs * 0.25
    this.#decisionMs = Math.min(SCRIPT_MS / DECISIONS_MIN, Math.max(SCRIPT_MS / DECISIONS_MAX, next))
  }
}

/** Whoever is not waited for any more must not be charged. */
function isAwaited<R>({ onSend, reject }: Waiting<R>): boolean {
  if (onSend === undefined || onSend()) return true
  reject(timedOut(0, 'overload'))
  return false
}
