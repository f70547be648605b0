import { createLimiter, type Decision } from 'headgate'
import { redisStore } from 'headgate/redis'
import { connectCluster, connectRedis, figureOf, type RedisParams } from '../harness/redis-subject.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface HeadgateRedisParams extends RedisParams {
  readonly algorithm: string
  readonly limit: readonly string[]
  readonly burst?: number
  readonly lease?: { readonly max: number; readonly lifetime: string }
  /** The limiter's own when absent. */
  readonly deadlineMs?: number
  readonly to?: 'server' | 'cluster'
  /** How calls end, but for the first of each key if they are to be denied. */
  readonly ends?: 'allowed' | 'denied'
  /** Who has to answer for a call to count. */
  readonly counts: readonly [Decision['source'], Decision['source']?]
}

const params = readParams<HeadgateRedisParams>()
const { algorithm, limit, burst, lease, deadlineMs, to = 'server', ends = 'allowed', counts } = params
const { port, nodePorts = [] } = params
// For what is not measured, flushing and counting; the store has connections of its own.
const client = to === 'server' ? connectRedis(params) : await connectCluster({ nodePorts })
const hosts = (to === 'server' ? [port] : nodePorts).map((one) => `127.0.0.1:${one}`).join(',')
const store = redisStore(`${to === 'server' ? 'redis' : 'redis+cluster'}://${hosts}`)
// The first decisions would not wait for the connection.
await store.ping()
const rules = limit.map((one) => ({ algorithm, limit: one, ...(burst === undefined ? {} : { burst }) }))
const limiter = createLimiter({
  policies: [{ name: 'default', rules, ...(lease && { lease }) }],
  store,
  ...(deadlineMs === undefined ? {} : { deadlineMs }),
})
const wanted = ends === 'allowed'
// Told apart without a call: reading an answer from a lease is to cost little beside it.
const [counted, alsoCounted = counted] = counts
const admitted = new Set<string>()

report(await figureOf({ ask: (key) => limiter.consume(key), counts: read }, client, params))
await limiter.close()
await store.close()
client.disconnect()

function read(decision: Decision, key: string): boolean {
  const { allowed, source, remaining, resetAfterMs } = decision
  if (allowed !== wanted) noteException(key, decision)
  if (Number.isNaN((remaining as number) + (resetAfterMs as number))) throw new Error(`${key} lacks a number`)
  return source === counted || source === alsoCounted
}

/** The first call of a key is admitted when all others are to be denied, and so it is where another decides. */
function noteException(key: string, { allowed, source }: Decision): void {
  const name = `${source === 'store' ? 'store' : 'stand-in'} ${key}`
  if (!allowed || admitted.has(name)) throw new Error(`${key} was ${allowed ? 'admitted' : 'denied'}`)
  admitted.add(name)
}
