/** Lets many processes spend on few keys at a time, and joins what they wrote down. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { reap } from '../harness/reaper.ts'
import type { RedisServer } from '../redis-server.ts'
import { type History, joined } from './history.ts'
import type { Job, Recorded } from './job.ts'

export interface RecordOptions extends Omit<Job, 'url'> {
  readonly server: RedisServer
  readonly processes: number
  readonly seconds: number
}

export interface Recording {
  /** What was admitted under each key while all processes were at it, in the order of the keys. */
  readonly histories: readonly History[]
  readonly denials: number
  readonly failures: number
}

const WORKER = join(import.meta.dirname, 'fixtures/worker.ts')
const READY_MS = 15_000
/** Each stops a little after the end of what counts, so that nobody has stopped before it. */
const AFTER_US = 300_000

export async function record({ server, processes, seconds, ...job }: RecordOptions): Promise<Recording> {
  const workers = Array.from({ length: processes }, () => start())
  try {
    await Promise.all(workers.map((worker) => answer(worker, READY_MS, { ...job, url: server.url })))
    const [s, us] = (await server.command('TIME')) as [string, string]
    const endUs = Number(s) * 1_000_000 + Number(us) + seconds * 1_000_000
    const withinMs = seconds * 1000 + READY_MS
    const parts = await Promise.all(
      workers.map((worker) => answer(worker, withinMs, endUs + AFTER_US) as Promise<Recorded>),
    )
    return {
      histories: job.keys.map((_, i) => {
        const all = joined(parts.map(({ spends }) => spends[i] ?? []))
        return all.filter(({ at }) => at <= endUs)
      }),
      denials: parts.reduce((sum, { denials }) => sum + denials, 0),
      failures: parts.reduce((sum, { failures }) => sum + failures, 0),
    }
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }
}

function start(): ChildProcess {
  const worker = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  reap(worker)
  return worker
}

/** Tells a process something, and waits for what it says. */
async function answer(worker: ChildProcess, withinMs: number, message: Job | number): Promise<unknown> {
  const signal = AbortSignal.timeout(withinMs)
  const gone = once(worker, 'exit', { signal }).then(() => {
    throw new Error('a recording process ended before it had answered')
  })
  const said = once(worker, 'message', { signal })
  worker.send(message)
  const [value] = await Promise.race([said, gone])
  gone.catch(() => {})
  return value
}
