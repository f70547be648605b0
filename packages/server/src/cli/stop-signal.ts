/** npm passes on a Ctrl-C that the terminal has sent to the whole group already: one wish, two signals. */
const SAME_WISH_MS = 250

/** What ends a service: SIGTERM is sent by machines, SIGINT by a person who waits for the prompt. */
export type StopSignal = 'SIGTERM' | 'SIGINT'

/** Resolves with the first SIGTERM or SIGINT; a later one ends the process at once, with code 1. From then on SIGHUP ends nothing. */
export function stopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: number | null = null
    const onSignal = (signal: StopSignal): void => {
      const now = performance.now()
      if (first !== null && now - first > SAME_WISH_MS) process.exit(1)
      // Whoever wants the file read again, or a terminal that is gone, must not cut off requests under way.
      if (first === null) process.on('SIGHUP', () => {})
      first ??= now
      resolve(signal)
    }
    process.on('SIGTERM', () => onSignal('SIGTERM'))
    process.on('SIGINT', () => onSignal('SIGINT'))
  })
}
