import { setTimeout as sleep } from 'node:timers/promises'
import { at, makeKeys, makeSequence } from './keys.ts'
import type { Effort } from './suite.ts'

/** One call of a subject; rejects when it ended otherwise than it should. */
export type AsyncCall = (key: string) => Promise<void>

/** Who calls, and for which keys. */
export interface Callers {
  /** Callers side by side; each makes its next call as soon as its own last one is answered. */
  readonly inFlight: number
  readonly keys: number
}

/** Calls a second, after a warm-up with the same work. */
export async function opsPerSecond(call: AsyncCall, callers: Callers & Effort): Promise<number> {
  const rate = caller(call, callers)
  await rate(callers.warmMs)
  return rate(callers.measureMs)
}

/** Makes exactly `calls` calls. */
export async function makeCalls(
  call: AsyncCall,
  { inFlight, keys: count }: Callers,
  calls: number,
): Promise<void> {
  const keys = makeKeys(count)
  let made = 0
  const one = async (): Promise<void> => {
    while (made < calls) await call(keys[made++ % count] as string)
  }
  await Promise.all(Array.from({ length: inFlight }, one))
}

function caller(call: AsyncCall, { inFlight, keys: count }: Callers): (ms: number) => Promise<number> {
  const keys = makeKeys(count)
  const sequence = makeSequence(count)
  let made = 0
  return async (ms) => {
    const first = made
    const start = performance.now()
    let running = true
    const one = async (): Promise<void> => {
      while (running) await call(keys[at(sequence, made++)] as string)
    }
    const all = Promise.all(Array.from({ length: inFlight }, one))
    await Promise.race([all, sleep(ms)])
    running = false
    await all
    return (made - first) / ((performance.now() - start) / 1000)
  }
}
