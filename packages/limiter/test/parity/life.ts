import type { Redis } from 'ioredis'
import { RESET, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import type { Store, Verb } from '../../src/core/store.ts'
import { changedBudget, freshBudget } from '../guarantees/arbitraries.ts'
import { isRedis6 } from '../harness/redis-binary.ts'

const ROUNDS = 20
const SPENDS = 5
const WINDOW_US = 100_000

/**
 * Says which key may expire before its state has recovered, or never; null when none. Redis drops a key in the
 * millisecond after its time, and counts that time from the millisecond under way.
 */
export async function wrongLife(store: Store, client: Redis, prefix: string): Promise<string | null> {
  const short = { name: 'short', algorithm: 'token-bucket', limit: '1000003/s' }
  const long = { name: 'long', algorithm: 'token-bucket', limit: '17/min' }
  const other = { name: 'other', algorithm: 'sliding-log', limit: '9/10s' }
  for (let round = 0; round < ROUNDS; round++) {
    const slow = round % 4 < 2 ? long : { ...long, algorithm: 'sliding-window' }
    // A log is judged in the general way.
    const log = { ...short, algorithm: 'sliding-log', limit: '100/10ms' }
    const quick = [short, log, { ...short, algorithm: 'sliding-window' }][round % 3] as RuleOptions
    const budget = round % 2 === 0 ? freshBudget(slow, quick) : freshBudget(quick, slow)
    const request = { budget, key: 'key', cost: 1 + round }
    const { now, numbers } = await store.decide('charge', [request])
    const until = now + Math.max(Number(numbers[RESET]), Number(numbers[VERDICT_SIZE + RESET]))
    const [key = ''] = await client.keys(`${prefix}:*${budget.policy}:*`)
    const wrong = judge('two rules', await expiryMs(client, key), until)
    if (wrong !== null) return wrong
    const wrongAlone = await lifeOfOne(store, client, prefix, round)
    if (wrongAlone !== null) return wrongAlone
    // Another configuration of the same policy writes, and must keep what it does not know.
    await store.decide('charge', [{ ...request, budget: changedBudget(budget, other) }])
    const wrongAfter = judge('another configuration', await expiryMs(client, key), until)
    if (wrongAfter !== null) return wrongAfter
  }
  return null
}

/**
 * Decisions on one bucket, and on buckets and windows alone, have ways of their own through the script, which leave the expiry as it
 * is while it is late enough. So the key is spent on more than once, and now and then for longer than it lives.
 */
async function lifeOfOne(store: Store, client: Redis, prefix: string, round: number): Promise<string | null> {
  // Entries of no whole millisecond.
  const kind = round % 4 < 2 ? { algorithm: 'token-bucket' } : { algorithm: 'sliding-window', segments: 32 }
  const quick = { name: 'quick', algorithm: 'token-bucket', limit: '9000000/s' }
  const slow = { ...quick, name: 'slow', limit: '1000003/s' }
  const span = round % 8 === 3 ? 2 * WINDOW_US : 0
  return (
    (await lifeOf([{ ...kind, limit: '1000003/s' }], 0)) ??
    (await lifeOf([{ ...kind, limit: `100003/${WINDOW_US / 1000}ms` }], span)) ??
    (await lifeOf(round % 2 === 0 ? [slow, quick] : [quick, slow], 0))
  )

  /** The verbs have ways of their own as well. */
  async function lifeOf(rules: readonly RuleOptions[], lastsUs: number): Promise<string | null> {
    return (await lifeBy('charge', rules, lastsUs)) ?? lifeBy('consume', rules, lastsUs)
  }

  async function lifeBy(verb: Verb, rules: readonly RuleOptions[], lastsUs: number): Promise<string | null> {
    const budget = freshBudget(...rules)
    // They spend enough to be found by a slow reader, and no more than all rules admit.
    const enough = (verb === 'charge' ? 300_000 : 30_000) + 133 * round
    const requests = [{ budget, key: 'key', cost: lastsUs > 0 ? 1 : enough }]
    const start = (await store.decide('peek', requests)).now
    for (let spend = 0, now = start; spend < SPENDS || now < start + lastsUs; spend++) {
      const verdicts = await store.decide(verb, requests)
      now = verdicts.now
      const [key = ''] = await client.keys(`${prefix}:*${budget.policy}:*`)
      const resets = rules.map((_, i) => Number(verdicts.numbers[i * VERDICT_SIZE + RESET]))
      const name = rules.map(({ limit }) => limit).join(' and ')
      const wrong = judge(name, await expiryMs(client, key), now + Math.max(...resets))
      if (wrong !== null) return wrong
    }
    return null
  }
}

const EXPIRY = `local ttl = redis.call('PTTL', KEYS[1])
  if ttl < 0 then return ttl end
  local now = redis.call('TIME')
  return ttl + now[1] * 1000 + math.floor(now[2] / 1000)`

/** PEXPIRETIME, and its equal where there is none. */
async function expiryMs(client: Redis, key: string): Promise<number> {
  return isRedis6() ? Number(await client.eval(EXPIRY, 1, key)) : client.pexpiretime(key)
}

function judge(what: string, expiresMs: number, until: number): string | null {
  if (expiresMs === -2) return `${what}: a key that is gone at once`
  if (expiresMs < 0) return `${what}: a key without a TTL`
  const early = until - (expiresMs + 1) * 1000
  return early > 0 ? `${what}: a key that expires ${early} µs before its state has recovered` : null
}
