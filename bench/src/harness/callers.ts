import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { at, makeKeys, makeSequence } from './keys.ts'
import type { Effort } from './suite.ts'

/**
 * Calls of all callers together after which they let the event loop turn. A subject that answers without it, from a
 * lease or while its breaker is open, would keep it from ever reading a socket, which no server does whose calls come
 * from requests.
 */
const TURN = 1000

/** A subject as callers use it, with nothing between them and its promise. */
export interface AsyncSubject<A> {
  readonly ask: (key: string) => Promise<A>
  /** Reads an answer: whether it counts, or false where something else answered than is measured. Throws when it is wrong. */
  readonly counts: (answer: A, key: string) => boolean
  /** Gives a key state, where calls are to find some. */
  readonly fill?: (key: string) => Promise<unknown>
}

/** Who calls, and for which keys. */
export interface Callers {
  /** Callers side by side; each makes its next call as soon as its own last one is answered. */
  readonly inFlight: number
  readonly keys: number
}

/** What callers did in a span of time. */
export interface Work {
  readonly calls: number
  /** Those whose answers count. */
  readonly counted: number
  readonly seconds: number
}

/** Calls a second that count, after a warm-up with the same work. */
export async function opsPerSecond<A>(subject: AsyncSubject<A>, callers: Callers & Effort): Promise<number> {
  const work = workOf(subject, callers)
  await work(callers.warmMs)
  const { counted, seconds } = await work(callers.measureMs)
  return counted / seconds
}

/** Makes exactly `calls` calls, of all keys in turn. */
export async function makeCalls<A>(
  { ask, counts }: AsyncSubject<A>,
  { inFlight, keys: count }: Callers,
  calls: number,
): Promise<void> {
  const keys = makeKeys(count)
  let made = 0
  const one = async (): Promise<void> => {
    while (made < calls) {
      const key = keys[made++ % count] as string
      counts(await ask(key), key)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, one))
}

/** Lets callers call for so many milliseconds, and go on where they stopped. */
export function workOf<A>(
  { ask, counts }: AsyncSubject<A>,
  { inFlight, keys: count }: Callers,
): (ms: number) => Promise<Work> {
  const keys = makeKeys(count)
  const sequence = makeSequence(count)
  const takeTurn = turnsOf()
  let made = 0
  return async (ms) => {
    const first = made
    const start = performance.now()
    let counted = 0
    let running = true
    const one = async (): Promise<void> => {
      while (running) {
        const turn = takeTurn()
        if (turn !== null) await turn
        const key = keys[at(sequence, made++)] as string
        if (counts(await ask(key), key)) counted++
      }
    }
    const all = Promise.all(Array.from({ length: inFlight }, one))
    await Promise.race([all, sleep(ms)])
    running = false
    await all
    return { calls: made - first, counted, seconds: (performance.now() - start) / 1000 }
  }
}

/** Asked before each call: null, or what to wait for when so many calls were made that the event loop has to turn. */
function turnsOf(): () => Promise<void> | null {
  let calls = 0
  let turning: Promise<void> | null = null
  return () => {
    if (calls++ < TURN) return null
    turning ??= nextTurn().then(() => {
      calls = 0
      turning = null
    })
    return turning
  }
}
