/** Waiting with an end: nothing in the harness waits for ever, and what was awaited is always named. */

export interface UntilOptions {
  /** @default 10_000 */
  readonly withinMs?: number
}

const POLL_MS = 15

/** Asks `check` until it gives something other than false or nothing; a check that throws is asked again. */
export async function until<T>(
  awaited: string,
  check: () => Promise<T> | T,
  { withinMs = 10_000 }: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + withinMs
  let cause: unknown
  for (;;) {
    try {
      const value = await check()
      cause = undefined
      if (value !== false && value !== null && value !== undefined) {
        return value as Exclude<T, false | null | undefined>
      }
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline) {
      throw new Error(`Waited ${withinMs} ms in vain for this: ${awaited}`, { cause })
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
