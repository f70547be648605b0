/** npm passes on a Ctrl-C that the terminal has sent to the whole group already: one wish, two signals. */
const SAME_WISH_MS = 250

/** Resolves with the first SIGTERM or SIGINT; a later one ends the process at once, with code 1. */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let first: number | null = null
    const onSignal = (signal: string): void => {
      const now = performance.now()
      if (first !== null && now - first > SAME_WISH_MS) process.exit(1)
      first ??= now
      resolve(signal)
    }
    process.on('SIGTERM', onSignal)
    process.on('SIGINT', onSignal)
  })
}
