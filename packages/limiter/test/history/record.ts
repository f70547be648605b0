/** Lets many processes spend on few keys at a time, and joins what they wrote down. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { redisStore } from '../../src/stores/redis/index.ts'
import { reap } from '../harness/reaper.ts'
import type { RedisServer } from '../redis-server.ts'
import { type History, joined } from './history.ts'
import { type Job, type Recorded, requestsOf } from './job.ts'

export interface RecordOptions extends Omit<Job, 'url'> {
  readonly server: RedisServer
  readonly processes: number
  readonly seconds: number
  /**
   * Units of the first spend of each key, made before the processes begin; none when absent. One that empties a
   * bucket leaves it room for what comes in until the processes ask for all of it, however late they do.
   */
  readonly first?: number
}

export interface Recording {
  /** What was admitted under each key while all processes were at it, in the order of the keys. */
  readonly histories: readonly History[]
  readonly denials: number
  /** When the store last denied: until then everything that had come in was spent. */
  readonly deniedUs: number
  readonly failures: number
}

const WORKER = join(import.meta.dirname, 'fixtures/worker.ts')
const READY_MS = 15_000

export async function record(options: RecordOptions): Promise<Recording> {
  const { server, processes, seconds, first, ...job } = options
  const workers = Array.from({ length: processes }, () => start())
  try {
    await Promise.all(workers.map((worker) => answer(worker, READY_MS, { ...job, url: server.url })))
    const begun = first === undefined ? [] : await spendFirst(options, first)
    const [s, us] = (await server.command('TIME')) as [string, string]
    const endUs = Number(s) * 1_000_000 + Number(us) + seconds * 1_000_000
    const withinMs = seconds * 1000 + READY_MS
    const parts = await Promise.all(
      workers.map((worker) => answer(worker, withinMs, endUs) as Promise<Recorded>),
    )
    return {
      histories: job.keys.map((_, i) => {
        const all = joined([begun[i] ?? [], ...parts.map(({ spends }) => spends[i] ?? [])])
        return all.filter(({ at }) => at <= endUs)
      }),
      denials: parts.reduce((sum, { denials }) => sum + denials, 0),
      deniedUs: Math.max(...parts.map(({ deniedUs }) => deniedUs)),
      failures: parts.reduce((sum, { failures }) => sum + failures, 0),
    }
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }
}

async function spendFirst({ server, ...job }: RecordOptions, cost: number): Promise<History[]> {
  const store = redisStore(server.url, { prefix: job.prefix })
  try {
    const spends = requestsOf({ ...job, cost }).map(async (request) => {
      const { now, numbers } = await store.decide('consume', [request])
      if (numbers[0] !== 0) throw new Error(`the first spend of '${request.key}' was denied`)
      return [{ at: now, cost }]
    })
    return await Promise.all(spends)
  } finally {
    await store.close()
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
