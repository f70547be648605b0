import { text } from 'node:stream/consumers'
import type { Terminal } from './terminal.ts'

const ROWS = 24

/** The terminal of this process. The signals that end a command are heard from the first time on that `signal` is read. */
export function processTerminal(): Terminal {
  let ending: AbortController | undefined
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
    get signal() {
      ending ??= endingAtSignals()
      return ending.signal
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
