import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { onOutputError } from '../print.ts'
import { readSecret } from './read-secret.ts'
import type { Terminal } from './terminal.ts'

const ROWS = 24

/** The terminal of this process. The signals that end a command are heard from the first time on that `signal` is read. */
export function processTerminal(): Terminal {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  let isWritten = false
  let isLost = false
  let hearsSignals = false
  const onError = (reason: NodeJS.ErrnoException): void => {
    end()
    if (onOutputError(reason)) isLost = true
  }
  const signalOf = (): AbortSignal => {
    if (!hearsSignals) process.once('SIGINT', end).once('SIGTERM', end)
    hearsSignals = true
    return ending.signal
  }
  return {
    env: process.env,
    isTTY: process.stdout.isTTY === true,
    get rows() {
      return process.stdout.rows ?? ROWS
    },
    write: (some) => {
      if (!isWritten) process.stdout.on('error', onError)
      isWritten = true
      process.stdout.write(some)
    },
    warn: (line) => console.error(line),
    exit: (code) => {
      if (!isLost) process.exitCode = code
    },
    read: () => text(process.stdin),
    readSecret: async (question) => {
      if (!process.stdin.isTTY) return null
      // Standard output is for what is printed.
      return readSecret(process.stdin, question, (some) => void process.stderr.write(some))
    },
    // Rejects only where it is ended.
    sleep: (ms) => wait(ms, undefined, { signal: signalOf() }).catch(() => {}),
    now: Date.now,
    get signal() {
      return signalOf()
    },
  }
}
