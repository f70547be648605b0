import { createLimiter, type Limiter, memoryStore, type SyncStore } from 'headgate'
import { type FeedName, feeds, flatKey } from '../harness/keys.ts'
import { nsPerCall } from '../harness/measure.ts'
import { bytesPerKey } from '../harness/memory.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface HeadgateMemoryParams {
  readonly measure: 'ops/s' | 'ns/decision' | 'bytes/key'
  readonly keys: number
  readonly algorithm: string
  readonly limit: readonly string[]
  readonly burst?: number
  /** How every call but a key's first must end. */
  readonly allowed: boolean
  readonly maxKeys: number
  /** `arriving` when absent. */
  readonly feed?: FeedName
}

const params = readParams<HeadgateMemoryParams>()
const { measure, keys: count, allowed } = params
let sink = 0

report(await figure())

async function figure(): Promise<number> {
  if (measure === 'bytes/key') return bytesPerKey(fillable, count)
  const ns = await time()
  return measure === 'ops/s' ? 1e9 / ns : ns
}

function create(): Limiter<SyncStore> {
  const { algorithm, limit, burst, maxKeys } = params
  const capacity = burst === undefined ? {} : { burst }
  return createLimiter({ algorithm, limit, ...capacity, store: memoryStore({ maxKeys }) })
}

function fillable(): (key: string) => unknown {
  const limiter = create()
  return (key) => limiter.consumeSync(key)
}

async function time(): Promise<number> {
  const limiter = create()
  const { texts, prepare } = feeds[params.feed ?? 'arriving'](count)
  for (let i = 0; i < count; i++) limiter.consumeSync(flatKey(i))
  const calls = (from: number, to: number): number => {
    let asExpected = 0
    let sum = 0
    for (let i = 0; i < to - from; i++) {
      const decision = limiter.consumeSync(texts[i] as string)
      if (decision.allowed === allowed) asExpected++
      sum += (decision.remaining as number) + (decision.resetAfterMs as number)
    }
    sink += sum
    return asExpected
  }
  const ns = await nsPerCall(calls, params, prepare)
  if (Number.isNaN(sink)) throw new Error('a decision lacked a number')
  return ns
}
