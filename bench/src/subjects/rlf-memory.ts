import { RateLimiterMemory } from 'rate-limiter-flexible'
import { at, makeKeys, makeSequence } from '../harness/keys.ts'
import { nsPerCall } from '../harness/measure.ts'
import { bytesPerKey } from '../harness/memory.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface RlfMemoryParams {
  readonly measure: 'ops/s' | 'bytes/key'
  readonly keys: number
  readonly points: number
  /** Seconds; its timers hold no more than 2^31 ms. */
  readonly duration: number
  /** An empty one spares it the joining and hashing of a text in each call, if its caller has the very text again. */
  readonly keyPrefix?: string
  /** Promises awaited together. */
  readonly batch: number
}

const params = readParams<RlfMemoryParams>()
const { measure, keys: count, batch } = params
let sink = 0

report(measure === 'ops/s' ? 1e9 / (await time()) : await bytesPerKey(fillable, count))

function create(): RateLimiterMemory {
  const { points, duration, keyPrefix } = params
  return new RateLimiterMemory({ points, duration, ...(keyPrefix === undefined ? {} : { keyPrefix }) })
}

function fillable(): (key: string) => unknown {
  const limiter = create()
  return (key) => limiter.consume(key)
}

async function time(): Promise<number> {
  const limiter = create()
  const keys = makeKeys(count)
  const sequence = makeSequence(count)
  for (const key of keys) await limiter.consume(key)
  const one = async (from: number, to: number): Promise<number> => {
    let sum = 0
    for (let i = from; i < to; i++) {
      const { remainingPoints, msBeforeNext } = await limiter.consume(keys[at(sequence, i)] as string)
      sum += remainingPoints + msBeforeNext
    }
    sink += sum
    return to - from
  }
  const many = async (from: number, to: number): Promise<number> => {
    let sum = 0
    for (let start = from; start < to; start += batch) {
      const waiting = new Array(batch)
      for (let i = 0; i < batch; i++) waiting[i] = limiter.consume(keys[at(sequence, start + i)] as string)
      for (const { remainingPoints, msBeforeNext } of await Promise.all(waiting)) {
        sum += remainingPoints + msBeforeNext
      }
    }
    sink += sum
    return to - from
  }
  const ns = await nsPerCall(batch === 1 ? one : many, params)
  if (Number.isNaN(sink)) throw new Error('an answer lacked a number')
  return ns
}
