import { MemoryStore, type Options } from 'express-rate-limit'
import { feeds, flatKey } from '../harness/keys.ts'
import { nsPerCall } from '../harness/measure.ts'
import { bytesPerKey } from '../harness/memory.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface ExpressMemoryParams {
  readonly measure: 'ops/s' | 'bytes/key'
  readonly keys: number
  readonly windowMs: number
}

const { measure, keys: count, windowMs, ...effort } = readParams<ExpressMemoryParams>()
let sink = 0

report(measure === 'ops/s' ? 1e9 / (await time()) : await bytesPerKey(fillable, count))

function create(): MemoryStore {
  const store = new MemoryStore()
  // It reads nothing but the window.
  store.init({ windowMs } as Options)
  return store
}

function fillable(): (key: string) => unknown {
  const store = create()
  return (key) => store.increment(key)
}

async function time(): Promise<number> {
  const store = create()
  const { texts, prepare } = feeds.arriving(count)
  for (let i = 0; i < count; i++) await store.increment(flatKey(i))
  const calls = async (from: number, to: number): Promise<number> => {
    let sum = 0
    for (let i = 0; i < to - from; i++) {
      const { totalHits, resetTime } = await store.increment(texts[i] as string)
      sum += totalHits + (resetTime as Date).getTime()
    }
    sink += sum
    return to - from
  }
  const ns = await nsPerCall(calls, effort, prepare)
  if (Number.isNaN(sink)) throw new Error('an answer lacked a number')
  return ns
}
