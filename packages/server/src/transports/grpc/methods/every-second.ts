import { setTimeout as sleep } from 'node:timers/promises'

const SECOND_MS = 1000

/** Now, and then once a second until the signal aborts. */
export async function* everySecond(signal: AbortSignal): AsyncGenerator<void> {
  while (!signal.aborted) {
    yield
    // Whoever leaves wakes it.
    await sleep(SECOND_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}
