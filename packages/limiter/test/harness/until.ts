/** Waiting with an end: nothing in the harness waits for ever, and what was awaited is always named. */

export interface UntilOptions {
  /** @default 10_000 */
  readonly withinMs?: number
}

const POLL_MS = 15
/** What one attempt counts at most: a machine that stands still for seconds takes no attempts away. */
const ATTEMPT_MS = 1000

/** Asks `check` until it gives something other than false or nothing; a check that throws is asked again. */
export async function until<T>(
  awaited: string,
  check: () => Promise<T> | T,
  { withinMs = 10_000 }: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  let cause: unknown
  let waitedMs = 0
  for (;;) {
    const startMs = performance.now()
    try {
      const value = await check()
      cause = undefined
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<T, false | null | undefined>
      }
    } catch (error) {
      cause = error
    }
    if (waitedMs > withinMs) throw new Error(`Waited ${withinMs} ms in vain for this: ${awaited}`, { cause })
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    waitedMs += Math.min(performance.now() - startMs, ATTEMPT_MS)
  }
}
