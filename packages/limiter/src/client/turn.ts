import { TIMER_MAX_MS } from '../core/clock.ts'
import { parseTimeout } from '../core/duration.ts'
import type { WaitOptions } from '../core/limiter.ts'
import { checkSignal } from '../core/validate.ts'
import type { RemoteDecision } from './remote-types.ts'
import { ServiceFailure } from './service-failure.ts'

/** How long one request waits at the service for its turn, which does not wait longer than twice that. */
const WAIT_PART_MS = 30_000
/** How long an instance that takes the place of one that stops is waited for. */
const RESTART_MS = 30_000

/** A part of a wait, as it is asked for. */
export interface WaitPart {
  readonly partMs: number
  /** Whether a connection of its own is needed: the service has said that it stops. */
  readonly isFresh: boolean
  /** Whether a failure ends the part only, since nothing was spent and there is time to ask again. */
  readonly isPassing: (failure: ServiceFailure) => boolean
}

/** Asks for parts of a wait, until one of them ends with a turn, or the rest is too short for one. */
export async function waitForTurn(
  { timeout = Number.POSITIVE_INFINITY, signal }: WaitOptions,
  ask: (part: WaitPart) => Promise<RemoteDecision>,
): Promise<RemoteDecision> {
  checkSignal(signal)
  const endsAt = performance.now() + parseTimeout(timeout, 'options.timeout')
  let restart = new Restart(endsAt)
  for (;;) {
    const leftMs = Math.max(0, endsAt - performance.now())
    const partMs = Math.max(1, Math.floor(Math.min(leftMs, WAIT_PART_MS)))
    const { isUnderWay: isFresh } = restart
    const end = await ask({ partMs, isFresh, isPassing: (failure) => restart.covers(failure) }).catch(
      asFailure,
    )
    if (end instanceof ServiceFailure) {
      await pause(end.retryAfterMs, signal)
      continue
    }
    restart = new Restart(endsAt)
    const { allowed, source, retryAfterMs } = end
    if (allowed || retryAfterMs === null || source === 'fallback') return end
    if (performance.now() + retryAfterMs > endsAt) return end
    // The last part of it is waited at the service, where it has a place in the queue.
    await pause(retryAfterMs - WAIT_PART_MS, signal)
  }
}

/** The time from a service that says it stops to the one that comes after it, which nobody may listen for meanwhile. */
class Restart {
  readonly #waitEndsAt: number
  #endsAt: number | null = null

  constructor(waitEndsAt: number) {
    this.#waitEndsAt = waitEndsAt
  }

  get isUnderWay(): boolean {
    return this.#endsAt !== null
  }

  covers({ kind, retryAfterMs }: ServiceFailure): boolean {
    const now = performance.now()
    if (kind === 'stops') this.#endsAt ??= Math.min(this.#waitEndsAt, now + RESTART_MS)
    return kind !== 'other' && this.#endsAt !== null && now + retryAfterMs <= this.#endsAt
  }
}

function asFailure(reason: unknown): ServiceFailure {
  if (reason instanceof ServiceFailure) return reason
  throw reason
}

/** Rejects with the reason of the signal where that aborts. */
function pause(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const end = (settle: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      settle()
    }
    const timer = setTimeout(() => end(resolve), Math.min(Math.max(0, ms), TIMER_MAX_MS))
    const onAbort = (): void => end(() => reject(signal?.reason))
    signal?.addEventListener('abort', onAbort)
  })
}
