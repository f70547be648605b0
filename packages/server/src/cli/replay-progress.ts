import type { WriteStream } from 'node:tty'
import type { Pass } from '../replay/run-replay.ts'
import { durationText } from './remote/duration-text.ts'

const EVERY_MS = 250
const BAR = 24

/** Shows on a terminal how far a replay is: a bar, how many lines a second, and the time left. Elsewhere it says nothing. */
export class ReplayProgress implements Disposable {
  readonly #out: WriteStream
  #timer: NodeJS.Timeout | null = null

  constructor(out: WriteStream) {
    this.#out = out
  }

  begin(pass: Pass): void {
    this.end()
    if (!this.#out.isTTY) return
    const startedMs = performance.now()
    this.#timer = setInterval(() => {
      this.#out.write(`\r\x1b[K${progressText(pass, performance.now() - startedMs)}`)
    }, EVERY_MS)
    this.#timer.unref()
  }

  end(): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    this.#out.write('\r\x1b[K')
  }

  [Symbol.dispose](): void {
    this.end()
  }
}

/** One line; without a bar where it is not known how much there is. */
export function progressText({ counts, sources, purpose }: Pass, elapsedMs: number): string {
  const { lines } = counts
  const rate = Math.round((lines / Math.max(1, elapsedMs)) * 1000)
  const what = `${purpose === 'sweep' ? 'trying other limits: ' : ''}${lines} lines, ${rate}/s`
  const size = sources.reduce<number | null>((sum, one) => add(sum, one.size), 0)
  if (size === null || size === 0) return what
  const share = Math.min(1, sources.reduce((sum, one) => sum + one.bytesRead(), 0) / size)
  const full = Math.round(share * BAR)
  const left = share === 0 ? '' : `, ${durationText((elapsedMs / share) * (1 - share))} left`
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${Math.floor(share * 100)} %  ${what}${left}`
}

function add(sum: number | null, size: number | null): number | null {
  return sum === null || size === null ? null : sum + size
}
