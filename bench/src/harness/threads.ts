/** Threads of one process that work at the same time, started together and stopped together. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker, workerData } from 'node:worker_threads'
import type { Effort } from './suite.ts'

/** What all threads do: nothing yet, work that warms up, work that counts, nothing any more. */
const WAITING = 0
const WARMING = 1
const COUNTING = 2
const ENDING = 3

/** Calls between two looks at what is to be done. */
const STRETCH = 256

/** What one thread did while all of them counted. */
export interface Share {
  readonly calls: number
  readonly ms: number
}

/** What all of them did. */
export interface Together<S extends Share> {
  readonly shares: readonly S[]
  /** Of all threads, V8's own included. */
  readonly cpuSeconds: number
}

/** What a thread is told, beside the numbers by which all are started and stopped. */
export interface ThreadData<P> {
  readonly phase: Int32Array
  /** 0, 1, 2 … */
  readonly number: number
  readonly params: P
}

/** Runs a script in so many threads; each of them calls {@link work} once it is ready. */
export async function runTogether<S extends Share, P>(
  { script, threads, params }: { readonly script: URL; readonly threads: number; readonly params: P },
  { warmMs, measureMs }: Effort,
): Promise<Together<S>> {
  const phase = new Int32Array(new SharedArrayBuffer(4))
  const workers = Array.from({ length: threads }, (_, number) => {
    const data: ThreadData<P> = { phase, number, params }
    return new Worker(script, { workerData: data })
  })
  await answers(workers)
  const shares = answers<S>(workers)
  // A thread that fails is told where it is waited for.
  shares.catch(() => {})
  enter(phase, WARMING)
  await sleep(warmMs)
  enter(phase, COUNTING)
  // This thread sleeps: what the process uses is used by the others.
  const before = process.cpuUsage()
  await sleep(measureMs)
  const { user, system } = process.cpuUsage(before)
  enter(phase, ENDING)
  return { shares: await shares, cpuSeconds: (user + system) / 1e6 }
}

/** What this thread was told. */
export function readThreadData<P>(): ThreadData<P> {
  return workerData as ThreadData<P>
}

/** Makes the calls from one position to another. */
type Calls = (from: number, to: number, counts: boolean) => void

/** Waits for all threads; then makes calls until all are stopped. */
export function work(phase: Int32Array, calls: Calls): Share {
  Atomics.wait(phase, 0, WAITING)
  let made = 0
  for (; Atomics.load(phase, 0) === WARMING; made += STRETCH) calls(made, made + STRETCH, false)
  const first = made
  const start = performance.now()
  for (; Atomics.load(phase, 0) === COUNTING; made += STRETCH) calls(made, made + STRETCH, true)
  return { calls: made - first, ms: performance.now() - start }
}

function enter(phase: Int32Array, value: number): void {
  Atomics.store(phase, 0, value)
  Atomics.notify(phase, 0)
}

async function answers<T>(workers: readonly Worker[]): Promise<T[]> {
  return Promise.all(workers.map(async (worker) => ((await once(worker, 'message')) as [T])[0]))
}
