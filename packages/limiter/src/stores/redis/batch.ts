import { timeoutError } from '../../core/store-timeout.ts'
import type { PendingDecision } from './pending-decision.ts'

/** A queued decision and the promise that its result settles. */
interface Waiting<R> {
  readonly decision: PendingDecision
  /** See `DecideOptions.onSend`: starts the store deadline; false when the caller has gone. */
  readonly onSend: (() => boolean) | undefined
  readonly resolve: (result: R) => void
  readonly reject: (reason: unknown) => void
}

/** Sends decisions in one script call; resolves to their results, in order. */
export type SendBatch<R> = (decisions: readonly PendingDecision[]) => Promise<readonly R[]>

/** If the last call began over 2 ms ago, the link is slow: start another one, up to 64 in flight. */
const SLOW_LINK_MS = 2
const CALLS_MAX = 64
/** Target server time of one script call, during which the server does nothing else. */
const SCRIPT_MS = 1
/** Target server time of all calls in flight together. */
const IN_FLIGHT_MS = 3
/** Decisions of a call before the server's speed was measured; then at least and at most so many. */
const INITIAL_DECISIONS_MAX = 256
const DECISIONS_MIN = 32
const DECISIONS_MAX = 1024
/** Most rules in one call: the reply holds up to 7 numbers for each. */
const RULES_MAX = 1024

/**
 * Group commit: decisions that arrive together share one script call. Up to `calls` calls are in flight at a time, so
 * that client and server work in parallel. A decision that arrives while a call may start leaves at the end of the
 * tick; any other waits until a call returns. On a slow link additional calls start before that.
 */
export class Batch<R> {
  readonly #send: SendBatch<R>
  readonly #maxCalls: number
  #waiting: Waiting<R>[] = []
  #inFlight = 0
  #decisionsInFlight = 0
  /** When the last call began and when the last one returned, by `performance.now()`. */
  #beganMs = 0
  #returnedMs = 0
  /** Estimated server time of one decision, a moving average. */
  #decisionMs = SCRIPT_MS / INITIAL_DECISIONS_MAX
  /** 1 when a call may start beyond `#maxCalls`, because the last one is slow; else 0. */
  #extraCalls = 0
  #scheduled = false
  /** Checks for calls that hang, while decisions wait. */
  #timer: NodeJS.Timeout | null = null

  /** `maxCalls` is how many calls may be in flight on a link that is not slow. */
  constructor(send: SendBatch<R>, maxCalls: number) {
    this.#send = send
    this.#maxCalls = maxCalls
  }

  /** Queues a decision for the next call. */
  add(decision: PendingDecision, onSend?: () => boolean): Promise<R> {
    return new Promise((resolve, reject) => {
      const [first] = this.#waiting
      // All decisions of a call are judged at one time.
      if (first !== undefined && first.decision.time !== decision.time) this.flush()
      this.#waiting.push({ decision, onSend, resolve, reject })
      this.#schedule(performance.now() - this.#beganMs > SLOW_LINK_MS)
    })
  }

  /** Sends the whole queue now, so that a command sent next runs after it. */
  flush(): void {
    while (this.#waiting.length > 0) this.#dispatchNext(DECISIONS_MAX)
  }

  #schedule(isSlow = false): void {
    if (isSlow && this.#inFlight < CALLS_MAX) this.#extraCalls = 1
    if (this.#scheduled) return
    if (this.#freeCalls() <= 0) {
      this.#watch()
      return
    }
    this.#scheduled = true
    process.nextTick(() => {
      this.#scheduled = false
      this.#dispatchAll()
    })
  }

  /**
   * Sends the queue even if the calls in flight hang: store deadlines begin with sending, so decisions that are never
   * sent would never open the breaker.
   */
  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      const isSlow = performance.now() - Math.max(this.#beganMs, this.#returnedMs) > SLOW_LINK_MS
      while (isSlow && this.#waiting.length > 0 && this.#inFlight < CALLS_MAX) {
        this.#dispatchNext(this.#maxDecisions())
      }
      if (this.#waiting.length > 0) this.#schedule()
    }, SLOW_LINK_MS).unref()
  }

  /** Divides the queue evenly among the calls that may start. */
  #dispatchAll(): void {
    const max = this.#maxDecisions()
    for (let free = this.#freeCalls(); free > 0 && this.#waiting.length > 0; free = this.#freeCalls()) {
      this.#dispatchNext(Math.min(max, Math.ceil(this.#waiting.length / free)))
    }
    if (this.#waiting.length > 0) this.#watch()
  }

  /** Most decisions of one call: as many as the server makes in {@link SCRIPT_MS}. */
  #maxDecisions(): number {
    return Math.round(SCRIPT_MS / this.#decisionMs)
  }

  /** How many calls may start now; none while the server has {@link IN_FLIGHT_MS} of work. */
  #freeCalls(): number {
    const isBusy = this.#inFlight > 0 && this.#decisionsInFlight * this.#decisionMs >= IN_FLIGHT_MS
    return Math.max(this.#extraCalls, isBusy ? 0 : this.#maxCalls - this.#inFlight)
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
    this.#extraCalls = 0
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
    // Resolved callers may ask again within this tick; the next call takes their decisions along.
    if (this.#waiting.length > 0) this.#schedule()
  }

  /**
   * Updates the estimate of `#decisionMs`. The server runs calls one after another, so a call took at most the time
   * since the previous one returned. If no other call was in flight, the time includes a round trip, which a small
   * call must not mistake for server time.
   */
  #learn(now: number, beganMs: number, decisions: number): void {
    const isAlone = this.#returnedMs <= beganMs
    const decisionMs = (now - Math.max(beganMs, this.#returnedMs)) / decisions
    if (isAlone && decisions < DECISIONS_MIN && decisionMs > this.#decisionMs) return
    const next = this.#decisionMs * 0.75 + decisionMs * 0.25
    this.#decisionMs = Math.min(SCRIPT_MS / DECISIONS_MIN, Math.max(SCRIPT_MS / DECISIONS_MAX, next))
  }
}

/** A caller that has gone must not be charged: its decision is rejected instead of sent. */
function isAwaited<R>({ onSend, reject }: Waiting<R>): boolean {
  if (onSend === undefined || onSend()) return true
  reject(timeoutError(0, 'overload'))
  return false
}
