/** A thread that decides in memory, alone or with others: says that it is ready, decides until it is stopped, and says what it did. */
import { parentPort } from 'node:worker_threads'
import { createLimiter, memoryStore, type SyncStore } from 'headgate'
import { sharedMemoryStore } from 'headgate/shared-memory'
import { at, flatKey, makeSequence } from '../harness/keys.ts'
import { readThreadData, type Share, work } from '../harness/threads.ts'

/** Where this thread decides; `nothing`: it does not, and what is timed is the clock. */
export type Place = 'memory' | 'shared-memory' | 'nothing'

/** What every thread of the subject is told. */
export interface DecidingParams {
  readonly place: Place
  readonly memory: SharedArrayBuffer | null
  readonly keys: number
  readonly algorithm: string
  readonly limit: string
  readonly burst?: number
  readonly isTimed: boolean
}

/** What a thread did, and how many microseconds each of its last decisions took. */
export interface DecidingShare extends Share {
  readonly timesUs: Float64Array
}

/** Texts made beforehand, one a call, in the order of the calls: as the next one from a request, each is close to the one before. */
const TEXTS = 2 ** 17
/** V8 compiles what is called often, so before threads do it together what counts is how often, and not how long. */
const WARM_CALLS = 200_000
/** The last decisions whose times are kept. */
const TIMES = 2 ** 20

const { phase, number, params } = readThreadData<DecidingParams>()
const { keys, isTimed } = params
const texts = makeTexts()
const decide = decider()
const times = new Float64Array(isTimed ? TIMES : 0)
let timed = 0
let sink = 0

for (let i = 0; i < Math.max(keys, WARM_CALLS); i++) decide(flatKey(i % keys))
parentPort?.postMessage('ready')
const share = work(phase, isTimed ? timedCalls : plainCalls)
if (Number.isNaN(sink)) throw new Error('a decision lacked a number')
const timesUs = times.subarray(0, Math.min(timed, TIMES))
parentPort?.postMessage({ ...share, timesUs } satisfies DecidingShare)

function plainCalls(from: number, to: number): void {
  for (let i = from; i < to; i++) decide(texts[i & (TEXTS - 1)] as string)
}

function timedCalls(from: number, to: number, counts: boolean): void {
  for (let i = from; i < to; i++) {
    const text = texts[i & (TEXTS - 1)] as string
    const start = performance.now()
    decide(text)
    const end = performance.now()
    if (counts) times[timed++ & (TIMES - 1)] = (end - start) * 1000
  }
}

/** Threads begin at different places of the same sequence. */
function makeTexts(): string[] {
  const sequence = makeSequence(keys)
  return Array.from({ length: TEXTS }, (_, i) => flatKey(at(sequence, number * TEXTS + i)))
}

function decider(): (key: string) => void {
  const store = openStore()
  if (store === null) return () => {}
  const { algorithm, limit, burst } = params
  const limiter = createLimiter({ algorithm, limit, ...(burst !== undefined && { burst }), store })
  return (key) => {
    const { allowed, remaining, resetAfterMs } = limiter.consumeSync(key)
    // A figure of other work would be worthless.
    if (!allowed) throw new Error(`${key} was denied`)
    sink += (remaining as number) + (resetAfterMs as number)
  }
}

function openStore(): SyncStore | null {
  const { place, memory } = params
  if (place === 'nothing') return null
  return place === 'memory' || memory === null ? memoryStore() : sharedMemoryStore({ attach: memory })
}
