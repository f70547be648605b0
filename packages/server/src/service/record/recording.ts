import type { Service } from '../service.ts'
import { MergedLog } from './merge-parts.ts'
import type { OtherRecorders } from './other-recorders.ts'
import type { RecordedEnd } from './record-format.ts'
import type { RecordPlan } from './record-plan.ts'
import { ThreadRecorder } from './thread-recorder.ts'
import { wallTimeMs } from './wall-time.ts'

/** How often it is looked whether something has come, and how long a reader is left without a sign. */
const LOOK_MS = 100
const SILENCE_LOOKS = 10

/** What a recording is made of. */
export interface RecordingParts {
  readonly service: Pick<Service, 'on' | 'configuration'>
  readonly others: OtherRecorders
  readonly plan: RecordPlan
  /** Names it among those of the process. */
  readonly id: number
  /** Hears of its end, once: why, in a sentence; null where the reader has left. */
  readonly onEnd: (recording: Recording, why: string | null) => void
}

/** One recording of all threads. Whatever the reader does, decisions go on. */
export class Recording {
  readonly #parts: RecordingParts
  readonly #own: ThreadRecorder
  readonly #now = wallTimeMs()
  readonly #log: MergedLog
  readonly #ending = new AbortController()
  #why: string | null = null
  #isClosed = false

  constructor(parts: RecordingParts) {
    const { service, others, plan, id } = parts
    this.#parts = parts
    this.#log = new MergedLog(plan, this.#now)
    this.#own = new ThreadRecorder({ service, plan, thread: 0, now: this.#now })
    others.begin(id, plan)
  }

  /** How many requests were given out, and how many are missing. */
  get counts(): Pick<MergedLog, 'requests' | 'lost'> {
    const { requests, lost } = this.#log
    return { requests, lost }
  }

  /** Ends it: the reader gets what is there, and this sentence. */
  end(why: string): void {
    if (this.#ending.signal.aborted) return
    this.#why = why
    this.#ending.abort()
  }

  /**
   * The log, as it is read: what nobody asks for is kept in bounds, and then counted. A blank line now and then says that nothing has
   * come. Whoever stops to read it ends the recording.
   */
  async *text(): AsyncGenerator<string> {
    try {
      yield this.#log.begin(this.#own.begins)
      for (let looks = 1; ; looks++) {
        const isLast = this.#ending.signal.aborted
        const text = await this.#take()
        if (text !== '') looks = 0
        if (text !== '' || looks >= SILENCE_LOOKS) yield text === '' ? '\n' : text
        if (looks >= SILENCE_LOOKS) looks = 0
        if (isLast) break
        await pause(LOOK_MS, this.#ending.signal)
      }
      yield `${JSON.stringify({ at: this.#now(), ended: this.#why ?? '' } satisfies RecordedEnd)}\n`
    } finally {
      this.close()
    }
  }

  /** Ends it without a word to the reader, who is gone. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#ending.abort()
    this.#own.close()
    this.#parts.others.end(this.#parts.id)
    this.#parts.onEnd(this, this.#why)
  }

  async #take(): Promise<string> {
    const others = await this.#parts.others.take(this.#parts.id)
    return this.#log.add([this.#own.take(), ...others])
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms)
    function end(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end)
  })
}
