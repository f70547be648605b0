/** npm passes on a Ctrl-C that the terminal has sent to the whole group already: one wish, two signals. */
const SAME_WISH_MS = 250

/** What ends a service: SIGTERM is sent by machines, SIGINT by a person who waits for the prompt. */
export type StopSignal = 'SIGTERM' | 'SIGINT'

/** A signal, and when it came. */
interface Arrival {
  readonly signal: StopSignal
  readonly atMs: number
}

/** Whether a later signal is the same wish as the first one, passed on: only a Ctrl-C comes twice like that. */
export function isSameWish(first: Arrival, later: Arrival): boolean {
  const isCtrlC = first.signal === 'SIGINT' && later.signal === 'SIGINT'
  return isCtrlC && later.atMs - first.atMs <= SAME_WISH_MS
}

/** Resolves with the first SIGTERM or SIGINT; a later one ends the process at once, with code 1. From then on SIGHUP ends nothing. */
export function stopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: Arrival | null = null
    const onSignal = (signal: StopSignal): void => {
      const arrival = { signal, atMs: performance.now() }
      if (first !== null && !isSameWish(first, arrival)) process.exit(1)
      // Whoever wants the file read again, or a terminal that is gone, must not cut off requests under way.
      if (first === null) process.on('SIGHUP', () => {})
      first ??= arrival
      resolve(signal)
    }
    process.on('SIGTERM', () => onSignal('SIGTERM'))
    process.on('SIGINT', () => onSignal('SIGINT'))
  })
}
