import { RateLimiterMemory } from 'rate-limiter-flexible'
import { type FeedName, feeds, flatKey } from '../harness/keys.ts'
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
  /** `arriving` when absent. */
  readonly feed?: FeedName
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
  const { texts, prepare } = feeds[params.feed ?? 'arriving'](count)
  for (let i = 0; i < count; i++) await limiter.consume(flatKey(i))
  const one = async (from: number, to: number): Promise<number> => {
    let sum = 0
    for (let i = 0; i < to - from; i++) {
      const { remainingPoints, msBeforeNext } = await limiter.consume(texts[i] as string)
      sum += remainingPoints + msBeforeNext
    }
    sink += sum
    return to - from
  }
  const many = async (from: number, to: number): Promise<number> => {
    let sum = 0
    for (let start = 0; start < to - from; start += batch) {
      const waiting = new Array(batch)
      for (let i = 0; i < batch; i++) waiting[i] = limiter.consume(texts[start + i] as string)
      for (const { remainingPoints, msBeforeNext } of await Promise.all(waiting)) {
        sum += remainingPoints + msBeforeNext
      }
    }
    sink += sum
    return to - from
  }
  const ns = await nsPerCall(batch === 1 ? one : many, params, prepare)
  if (Number.isNaN(sink)) throw new Error('an answer lacked a number')
  return ns
}
