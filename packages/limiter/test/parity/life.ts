import type { Redis } from 'ioredis'
import type { Store } from '../../src/core/store.ts'
import { changedBudget, freshBudget } from '../guarantees/arbitraries.ts'

const ROUNDS = 20

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
    const budget = round % 2 === 0 ? freshBudget(slow, short) : freshBudget(short, slow)
    const ask = { budget, key: 'key', cost: 1 + round }
    const { now, numbers } = await store.decide('charge', [ask])
    const until = now + Math.max(Number(numbers[2]), Number(numbers[5]))
    const [key = ''] = await client.keys(`${prefix}:*${budget.policy}:*`)
    const wrong = judge('two rules', await client.pexpiretime(key), until)
    if (wrong !== null) return wrong
    const wrongAlone = await lifeOfOne(store, client, prefix, round)
    if (wrongAlone !== null) return wrongAlone
    // Another configuration of the same policy writes, and must keep what it does not know.
    await store.decide('charge', [{ ...ask, budget: changedBudget(budget, other) }])
    const wrongAfter = judge('another configuration', await client.pexpiretime(key), until)
    if (wrongAfter !== null) return wrongAfter
  }
  return null
}

/** Decisions on one rule have a way of their own through the script. They spend enough to be found by a slow reader. */
async function lifeOfOne(store: Store, client: Redis, prefix: string, round: number): Promise<string | null> {
  // Segments of no whole millisecond.
  const kind = round % 4 < 2 ? { algorithm: 'token-bucket' } : { algorithm: 'sliding-window', segments: 32 }
  const budget = freshBudget({ name: 'one', ...kind, limit: '1000003/s' })
  const { now, numbers } = await store.decide('charge', [{ budget, key: 'key', cost: 900_000 + 133 * round }])
  const [key = ''] = await client.keys(`${prefix}:*${budget.policy}:*`)
  return judge('one rule', await client.pexpiretime(key), now + Number(numbers[2]))
}

function judge(what: string, expiresMs: number, until: number): string | null {
  if (expiresMs === -2) return `${what}: a key that is gone at once`
  if (expiresMs < 0) return `${what}: a key without a TTL`
  const early = until - (expiresMs + 1) * 1000
  return early > 0 ? `${what}: a key that expires ${early} µs before its state has recovered` : null
}
