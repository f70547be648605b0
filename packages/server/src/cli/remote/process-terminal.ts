import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import type { Terminal } from './terminal.ts'

const ROWS = 24

/** The terminal of this process. The signals that end a command are heard from the first time on that `signal` is read. */
export function processTerminal(): Terminal {
  let ending: AbortController | undefined
  const signalOf = (): AbortSignal => {
    ending ??= endingAtSignals()
    return ending.signal
  }
  return {
    env: process.env,
    isTTY: process.stdout.isTTY === true,
    get rows() {
      return process.stdout.rows ?? ROWS
    },
    write: (some) => void process.stdout.write(some),
    warn: (line) => console.error(line),
    exit: (code) => {
      process.exitCode = code
    },
    read: () => text(process.stdin),
    // Rejects only where it is ended.
    sleep: (ms) => wait(ms, undefined, { signal: signalOf() }).catch(() => {}),
    now: Date.now,
    get signal() {
      return signalOf()
    },
  }
}

function endingAtSignals(): AbortController {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  process.once('SIGINT', end).once('SIGTERM', end)
  // Whoever reads has enough, as `head` does.
  process.stdout.once('error', end)
  return ending
}
