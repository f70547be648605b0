import { createLimiter, type Decision, type Limiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import { connectCluster, connectRedis, figureOf, type RedisParams } from '../harness/redis-subject.ts'
import { readParams, report, skip } from '../harness/subject.ts'
import type { RuleParams } from '../suites/rates.ts'

/** What this subject is told. */
export interface HeadgateRedisParams extends RedisParams {
  readonly rules: readonly RuleParams[]
  /** Rules of a second limiter with a connection of its own, which takes turns with the first. */
  readonly otherRules?: readonly RuleParams[]
  readonly lease?: { readonly max: number; readonly lifetime: string }
  /** The limiter's own when absent. */
  readonly deadlineMs?: number
  readonly to?: 'server' | 'cluster'
  /** Parts that a Cluster's keys are spread over; the store's own number when absent. */
  readonly shards?: number
  /** Units spent on every key before anything is measured. */
  readonly filledWith?: number
  /** How calls end, but for the first of each key if they are to be denied. */
  readonly ends?: 'allowed' | 'denied'
  /** Who has to answer for a call to count. */
  readonly counts: readonly [Decision['source'], Decision['source']?]
}

interface Side {
  readonly limiter: Limiter
  close(): Promise<void>
}

const params = readParams<HeadgateRedisParams>()
const { rules, otherRules, lease, deadlineMs, to = 'server', shards, filledWith: cost = 0 } = params
const { port, nodePorts = [], ends = 'allowed', counts } = params
// For what is not measured, flushing and counting; the store has connections of its own.
const client = to === 'server' ? connectRedis(params) : await connectCluster({ nodePorts })
const hosts = (to === 'server' ? [port] : nodePorts).map((one) => `127.0.0.1:${one}`).join(',')
const wanted = ends === 'allowed'
// Told apart without a call: reading an answer from a lease is to cost little beside it.
const [counted, alsoCounted = counted] = counts
const admitted = new Set<string>()

const first = await open(rules)
const second = otherRules === undefined ? null : await open(otherRules)
const sides = second === null ? [first] : [first, second]
const fill = (key: string) => Promise.all(sides.map(({ limiter }) => limiter.consume(key, { cost })))
const subject = { ask: asker(), counts: read, ...(cost > 0 && { fill }) }

report(await figureOf(subject, client, params))
for (const side of sides) await side.close()
client.disconnect()

async function open(wantedRules: readonly RuleParams[]): Promise<Side> {
  const store = openStore()
  // The first decisions would not wait for the connection.
  await store.ping()
  const limiter = createLimiter({
    policies: [{ name: 'default', rules: wantedRules, ...(lease && { lease }) }],
    store,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  })
  const close = async (): Promise<void> => {
    await limiter.close()
    await store.close()
  }
  return { limiter, close }
}

function openStore() {
  const options: object = shards === undefined ? {} : { shards }
  try {
    return redisStore(`${to === 'server' ? 'redis' : 'redis+cluster'}://${hosts}`, options)
  } catch (error) {
    const message = String(error)
    if (!message.includes('shards')) throw error
    skip(`redisStore of this library has no option shards: ${message}`)
  }
}

function asker(): (key: string) => Promise<Decision> {
  const one = first.limiter
  if (second === null) return (key) => one.consume(key)
  const other = second.limiter
  let calls = 0
  return (key) => (calls++ % 2 === 0 ? one : other).consume(key)
}

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
