import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AsyncSubject } from './callers.ts'
import { at, makeKeys, makeSequence } from './keys.ts'
import { quantile } from './quantile.ts'

/** The shares that are read of times, by their names in a report. */
const SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const

/** A name of a share of times. */
export type ShareName = keyof typeof SHARES

/** All names of shares, the smallest first. */
export const shareNames = Object.keys(SHARES) as readonly ShareName[]

/** Microseconds that each share of these times does not exceed. */
export function sharesOf(timesMs: Float64Array | readonly number[]): Record<ShareName, number> {
  const entries = shareNames.map((name) => [name, quantile(timesMs, SHARES[name]) * 1000])
  return Object.fromEntries(entries) as Record<ShareName, number>
}

/** Calls that come when they are due, whether or not earlier ones are answered. */
interface Pace {
  readonly perSecond: number
  readonly ms: number
  readonly keys: number
}

/** Milliseconds from when each call was due to its answer; calls that wait hold up no other. */
export async function pacedTimes<A>(
  { ask, counts }: AsyncSubject<A>,
  { perSecond, ms, keys: count }: Pace,
): Promise<readonly number[]> {
  const [keys, sequence] = [makeKeys(count), makeSequence(count)]
  const times: number[] = []
  const failures: unknown[] = []
  let waiting = 0
  const one = async (key: string, dueAt: number): Promise<void> => {
    waiting++
    try {
      if (counts(await ask(key), key)) times.push(performance.now() - dueAt)
    } catch (error) {
      failures.push(error)
    }
    waiting--
  }
  const start = performance.now()
  for (let made = 0, elapsed = 0; elapsed < ms || waiting > 0; elapsed = performance.now() - start) {
    const due = (Math.min(elapsed, ms) * perSecond) / 1000
    for (; made < due; made++) void one(keys[at(sequence, made)] as string, start + (made * 1000) / perSecond)
    await nextTurn()
  }
  if (failures.length > 0) throw failures[0]
  return times
}

/** Milliseconds from each call to its answer, where callers make their next call as soon as their last one is answered. */
export function timing<A>(subject: AsyncSubject<A>): {
  readonly subject: AsyncSubject<A>
  readonly times: number[]
} {
  const times: number[] = []
  const ask = async (key: string): Promise<A> => {
    const start = performance.now()
    const answer = await subject.ask(key)
    times.push(performance.now() - start)
    return answer
  }
  return { subject: { ...subject, ask }, times }
}
