import { createLimiter, type Limiter, memoryStore, type SyncStore } from 'headgate'
import { at, flatKey, makeKeys, makeSequence } from '../harness/keys.ts'
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
  /** Makes the texts of each block's keys just before it, as a server reads them from requests. */
  readonly arriving?: boolean
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

/** Keys that arrive with the calls: only the decision itself reaches into memory at random. */
async function timeArriving(): Promise<number> {
  const limiter = create()
  const sequence = makeSequence(count)
  for (let i = 0; i < count; i++) limiter.consumeSync(flatKey(i))
  let arrived: string[] = []
  const prepare = (from: number, to: number): void => {
    arrived = Array.from({ length: to - from }, (_, i) => flatKey(at(sequence, from + i)))
  }
  const block = (from: number, to: number): number => {
    let asExpected = 0
    let sum = 0
    for (let i = 0; i < to - from; i++) {
      const decision = limiter.consumeSync(arrived[i] as string)
      if (decision.allowed === allowed) asExpected++
      sum += (decision.remaining as number) + (decision.resetAfterMs as number)
    }
    sink += sum
    return asExpected
  }
  return nsPerCall(block, params, prepare)
}

async function time(): Promise<number> {
  if (params.arriving === true) return timeArriving()
  const limiter = create()
  const keys = makeKeys(count)
  const sequence = makeSequence(count)
  for (const key of keys) limiter.consumeSync(key)
  const ns = await nsPerCall((from, to) => {
    let asExpected = 0
    let sum = 0
    for (let i = from; i < to; i++) {
      const decision = limiter.consumeSync(keys[at(sequence, i)] as string)
      if (decision.allowed === allowed) asExpected++
      sum += (decision.remaining as number) + (decision.resetAfterMs as number)
    }
    sink += sum
    return asExpected
  }, params)
  if (Number.isNaN(sink)) throw new Error('a decision lacked a number')
  return ns
}
