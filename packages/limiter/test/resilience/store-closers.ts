/** Processes that close a store and no limiter. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface CloserJob {
  readonly url: string
  /** How many limiters share the store, each of which decides once before it is closed. */
  readonly limiters: number
  /** How often each decides when it is closed. */
  readonly decisionsAfter: number
}

export interface CloserNote {
  /** Timers that kept the process alive when the store had closed. */
  readonly timers: number
  /** Who decided then. */
  readonly sources: readonly string[]
  /** Codes of warnings. */
  readonly warnings: readonly string[]
}

/** What a process tells when it has ended by itself. */
export async function closerNote(job: CloserJob): Promise<CloserNote> {
  const script = join(import.meta.dirname, 'fixtures/store-closer.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [note] = await Promise.all([text(child.stdout), once(child, 'close')])
    return JSON.parse(note) as CloserNote
  } finally {
    child.kill('SIGKILL')
  }
}
