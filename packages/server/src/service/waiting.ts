import { type Decision, HeadgateError, type Limiter } from 'headgate'
import { windowDenial } from 'headgate/http'
import type { Announce } from './announce.ts'
import { checkJudged } from './check-judged.ts'
import type { Decided } from './create-decide.ts'
import { type CallOrigin, originOf } from './events.ts'
import type { ConfigurationInForce } from './in-force.ts'
import type { ReserveRequest } from './reservations.ts'
import type { Places } from './tally.ts'

/** Options of `wait`. */
export interface WaitOptions extends CallOrigin {
  /** Longest wait, in milliseconds. */
  readonly timeoutMs: number
  /** Aborts when the caller leaves: its place is free then, and what was spent for it is given back. */
  readonly signal: AbortSignal
  readonly deadlineMs?: number
}

/** What waiting is made with. */
export interface WaitingParts {
  readonly limiter: Limiter
  readonly announce: Announce
  readonly configuration: () => ConfigurationInForce
  /** Of those who wait. */
  readonly places: Places
}

/** Most calls that wait at a time: each of them keeps a connection open. */
export const WAITERS_MAX = 1000

/** Calls that wait for their turn, first come first served under each key of this process. */
export class Waiting {
  readonly #parts: WaitingParts
  readonly #leaving = new Set<AbortController>()
  #stopped: HeadgateError | null = null

  constructor(parts: WaitingParts) {
    this.#parts = parts
  }

  async wait(request: ReserveRequest, options: WaitOptions): Promise<Decided> {
    const { who, ...call } = request
    const { limiter, announce, configuration } = this.#parts
    const { transport, actor, trace, timeoutMs, signal, ...deadline } = options
    signal.throwIfAborted()
    if (this.#stopped !== null) throw this.#stopped
    const leavePlace = this.#parts.places.take()
    if (leavePlace === null) throw tooMany()
    const startedMs = performance.now()
    // Not `AbortSignal.any`: a signal that lives as long as the service would hold on to each of these.
    const leave = new AbortController()
    const onAbort = (): void => leave.abort(signal.reason)
    signal.addEventListener('abort', onAbort)
    this.#leaving.add(leave)
    try {
      const decision = await limiter
        .wait(who, { ...call, ...deadline, timeout: timeoutMs, signal: leave.signal })
        .catch((reason: unknown) => windowDenial(reason, call.cost ?? 1))
      // Who waits is judged anew under each configuration: by the one in force at the end.
      const inForce = configuration()
      checkJudged([decision], decision.allowed)
      await this.#giveBackWhereGone(decision, signal)
      const id = announce(decision, {
        verb: 'wait',
        request,
        startedMs,
        ...originOf({ transport, actor, trace }),
      })
      const { allowed, retryAfterMs } = decision
      return { allowed, retryAfterMs, decisions: [decision], ids: [id], inForce }
    } finally {
      leavePlace()
      this.#leaving.delete(leave)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** Answers all who wait, and whoever comes later, with an error. */
  stop(): void {
    this.#stopped = new HeadgateError('closed', 'this instance stops; ask another one')
    for (const leave of this.#leaving) leave.abort(this.#stopped)
  }

  /** A caller that left between the decision and its answer learns nothing of it. */
  async #giveBackWhereGone({ receipt }: Decision, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) return
    if (receipt !== null) await this.#parts.limiter.refund(receipt)
    throw signal.reason
  }
}

function tooMany(): HeadgateError {
  const message = `${WAITERS_MAX} calls wait here already; come again, or ask another instance`
  return new HeadgateError('too-many-waiters', message, { retryAfterMs: 1000 })
}
