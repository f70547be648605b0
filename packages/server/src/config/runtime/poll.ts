import type { Clock } from 'headgate'

/** How often is asked while all is well. */
const EVERY_MS = 1000
/** How often at least while nobody answers. */
const EVERY_MAX_MS = 10_000

/** What is done again and again, and who learns that it fails. */
export interface PollOptions {
  readonly clock: Clock
  readonly run: () => Promise<void>
  /** Called once when it begins to fail. */
  readonly onFailing: (reason: unknown) => void
  /** Called once when it works again. */
  readonly onWorking: () => void
  /**
   * Whether it failed before, which is known.
   * @default false
   */
  readonly isFailing?: boolean
  /**
   * From 0 up to 1.
   * @default Math.random
   */
  readonly random?: () => number
}

/**
 * Runs something once a second, less and less often while it fails, until the function returned is called. Spread by a
 * quarter, so that processes started together do not ask together.
 */
export function poll({
  clock,
  run,
  onFailing,
  onWorking,
  isFailing = false,
  random = Math.random,
}: PollOptions): () => void {
  let failures = isFailing ? 1 : 0
  let ended = false
  let cancel: () => void = () => {}
  const wait = (): void => {
    const ms = Math.min(EVERY_MAX_MS, EVERY_MS * 2 ** failures) * (0.75 + random() / 2)
    cancel = clock.after(ms, () => void attempt())
  }
  const attempt = async (): Promise<void> => {
    try {
      await run()
      if (failures > 0 && !ended) onWorking()
      failures = 0
    } catch (reason) {
      if (failures === 0 && !ended) onFailing(reason)
      failures++
    }
    if (!ended) wait()
  }
  wait()
  return () => {
    ended = true
    cancel()
  }
}
