import type { UpstreamTimeouts } from '../../service/proxy-settings/upstream-settings.ts'
import type { Deadlines } from './deadlines.ts'
import { UploadPace } from './upload-pace.ts'
import type { FailureReason } from './upstream-failures.ts'

/** What a request waits for: a free connection, its opening, the rest of its body, the head of the response, the rest of that. */
export type Phase = 'queued' | 'connecting' | 'sending' | 'waiting' | 'receiving'

/** Which timeout each phase has. Opening a connection is timed by whoever opens it. */
const TIMEOUTS: Readonly<Record<Phase, keyof UpstreamTimeouts | null>> = {
  queued: 'connectMs',
  connecting: null,
  sending: 'idleMs',
  waiting: 'firstByteMs',
  receiving: 'idleMs',
}

/** Who has to go on for a body to move. */
export interface Stalls {
  /** Whether the target takes no more of the request's body. */
  readonly isUploadPaused: boolean
  /** Whether the client takes no more of the response's. */
  readonly isDownloadPaused: boolean
}

/** When a request has lasted too long, in all or in its phase. */
export class ExchangeTimer {
  readonly #deadlines: Deadlines
  readonly #timeouts: UpstreamTimeouts
  readonly #totalAt: number
  #phase: Phase = 'queued'
  #phaseAt = 0
  #pace: UploadPace | null = null

  constructor(deadlines: Deadlines, timeouts: UpstreamTimeouts) {
    this.#deadlines = deadlines
    this.#timeouts = timeouts
    this.#totalAt = deadlines.in(timeouts.totalMs)
  }

  get phase(): Phase {
    return this.#phase
  }

  enter(phase: Phase): void {
    const name = TIMEOUTS[phase]
    this.#phase = phase
    this.#pace = phase === 'sending' ? new UploadPace(this.#deadlines.nowMs) : null
    this.#phaseAt = this.#deadlines.in(name === null ? 0 : this.#timeouts[name])
  }

  /** A piece of a body moved. */
  touch(): void {
    if (TIMEOUTS[this.#phase] === 'idleMs') this.#phaseAt = this.#deadlines.in(this.#timeouts.idleMs)
  }

  /** So much of the request's body came, or, without any, its end. */
  came(bytes: number): void {
    this.#pace?.came(bytes)
    this.touch()
  }

  /** What has taken too long; null where nothing has. */
  late(nowMs: number, { isUploadPaused, isDownloadPaused }: Stalls): FailureReason | null {
    if (nowMs >= this.#totalAt) return 'total-timeout'
    if (this.#pace?.isTooSlow(nowMs, isUploadPaused) === true) return 'client-stalled'
    if (nowMs < this.#phaseAt) return null
    switch (this.#phase) {
      case 'queued':
        return 'overloaded'
      case 'connecting':
        return 'connect-timeout'
      case 'sending':
        return isUploadPaused ? 'idle-timeout' : 'client-stalled'
      case 'waiting':
        return 'first-byte-timeout'
      case 'receiving':
        return isDownloadPaused ? 'client-stalled' : 'idle-timeout'
    }
  }
}
