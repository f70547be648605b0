/** What must compile, and, under `@ts-expect-error`, what must not. Compiled by `tsc -b`, never run. */
import {
  type Allowed,
  type Attributes,
  createLimiter,
  type Decision,
  type Denied,
  HeadgateError,
  type Health,
  type Limiter,
  memoryStore,
  type PolicyOptions,
  type Receipt,
  type Reservation,
  retryAfterSeconds,
  type Store,
  type SyncStore,
  withRateLimit,
} from '../../src/entries/index.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { redisStore } from '../../src/stores/redis/index.ts'

/** Holds when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function holds<_T extends true>(): void {}

export function synchronousStoresOnly(given: Store): void {
  const memory = createLimiter({ limit: '1/s', store: memoryStore() })
  const byDefault = createLimiter({ limit: '1/s' })
  holds<Same<ReturnType<typeof memory.consumeSync>, Decision>>()
  holds<Same<ReturnType<typeof byDefault.consumeSync>, Decision>>()
  memory.consumeSync({ user: 'a' }, { cost: 2 })

  const redis = createLimiter({ limit: '1/s', store: redisStore('redis://localhost') })
  holds<Same<typeof redis.consumeSync, never>>()
  // @ts-expect-error Redis answers later
  redis.consumeSync('a')
  // @ts-expect-error a store of which nothing is known may answer later
  createLimiter({ policies: [], store: given }).consumeSync('a')

  const any: Limiter = redis
  // @ts-expect-error a limiter of which nothing is known may answer later
  any.consumeSync('a')
  // @ts-expect-error a limiter that answers later is no synchronous one
  const sync: Limiter<SyncStore> = redis
  void sync
}

export async function decisionsNarrow(limiter: Limiter): Promise<number> {
  const decision = await limiter.consume('a')
  holds<Same<typeof decision, Decision>>()
  if (decision.allowed) {
    holds<Same<typeof decision, Allowed>>()
    holds<Same<typeof decision.retryAfterMs, 0>>()
    holds<Same<typeof decision.receipt, Receipt | null>>()
    // @ts-expect-error nothing that is allowed was limited
    return decision.reason === 'limited' ? 1 : 0
  }
  holds<Same<typeof decision, Denied>>()
  holds<Same<typeof decision.retryAfterMs, number | null>>()
  holds<Same<typeof decision.receipt, null>>()
  // @ts-expect-error nothing that is denied is within its limit
  if (decision.reason === 'within-limit') return 2
  // @ts-expect-error a denial may have no end
  const seconds: number = decision.retryAfterMs
  // @ts-expect-error decisions are not changed
  decision.cost = 5
  return seconds
}

export async function reservationsAreDecisions(limiter: Limiter): Promise<void> {
  await using reservation = await limiter.reserve('a', { cost: 5, ttl: '5m' })
  holds<Same<typeof reservation, Reservation>>()
  const decision: Decision = reservation
  if (!reservation.allowed) holds<Same<typeof reservation.receipt, null>>()
  // @ts-expect-error what is held is read, not set
  reservation.held = 3
  // @ts-expect-error settling needs the actual cost
  await reservation.settle()
  void decision
}

export async function callsAreChecked(limiter: Limiter): Promise<void> {
  const who: Attributes = { user: 'a', port: 80, role: undefined }
  await limiter.consume(who, { cost: 1, limit: ['1/s', { limit: 5, window: '1m' }], policy: 'p' })
  await limiter.wait(who, { timeout: '1s', signal: AbortSignal.timeout(5) })
  // @ts-expect-error an object is no attribute
  await limiter.consume({ user: { $gt: '' } })
  // @ts-expect-error a list is no attribute
  await limiter.consume({ user: ['a'] })
  // @ts-expect-error a number alone is no key
  await limiter.consume(5)
  // @ts-expect-error a cost is a number
  await limiter.consume('a', { cost: '5' })
  // @ts-expect-error a cost is no bigint
  await limiter.consume('a', { cost: 5n })
  // @ts-expect-error there is no such option
  await limiter.consume('a', { costs: 5 })
  // @ts-expect-error undefined is not passed for an option that is left out
  await limiter.consume('a', { cost: undefined })
  // @ts-expect-error only waits have a timeout
  await limiter.consume('a', { timeout: '1s' })
  // @ts-expect-error a charge needs its cost
  await limiter.charge('a')
  // @ts-expect-error the cost of a charge stands by itself
  await limiter.charge('a', 5, { cost: 5 })
  // @ts-expect-error a receipt may be null
  await limiter.refund((await limiter.consume('a')).receipt)
  // @ts-expect-error a receipt is no text
  await limiter.refund('receipt')
  holds<Same<Awaited<ReturnType<typeof limiter.refund>>, number>>()
  holds<Same<Awaited<ReturnType<typeof limiter.reset>>, string[]>>()
  const { credited, ...decision } = await limiter.credit('a', 5, { policy: 'p' })
  holds<Same<typeof credited, number>>()
  // @ts-expect-error a wait may have no end
  const seconds: number = retryAfterSeconds(await limiter.consume('a'))
  void [decision, seconds]
  limiter.on('decision', (_, { verb }) => verb === 'wait')
  limiter.on('decision', async ({ allowed }) => allowed)
  // @ts-expect-error there is no such verb
  limiter.on('decision', (_, { verb }) => verb === 'deny')
  // @ts-expect-error there is one event
  limiter.on('denied', () => {})
}

export function optionsAreChecked(): void {
  createLimiter({ algorithm: 'token-bucket', limit: '10/s', burst: 20 })
  createLimiter({ limit: ['10/s', { limit: 100, window: 60_000 }] })
  createLimiter({
    policies: [{ name: 'p', key: ['ip', 'user'], rules: ['1/s', { limit: '9/h' }] }],
    enabled: () => true,
  })
  // @ts-expect-error a limiter needs a limit or policies
  createLimiter({})
  // @ts-expect-error a limit is a rate
  createLimiter({ limit: 100 })
  // @ts-expect-error there is no such option
  createLimiter({ limit: '1/s', brust: 5 })
  // @ts-expect-error a burst is a number
  createLimiter({ limit: '1/s', burst: '5' })
  // @ts-expect-error there is no such alignment
  createLimiter({ limit: '1/s', align: 'monday' })
  // @ts-expect-error a policy needs a name
  createLimiter({ policies: [{ rules: ['1/s'] }] })
  // @ts-expect-error a policy needs rules
  createLimiter({ policies: [{ name: 'p' }] })
  // @ts-expect-error a store has methods
  createLimiter({ limit: '1/s', store: {} })
  // @ts-expect-error the number of keys is a number
  memoryStore({ maxKeys: '5' })
  // @ts-expect-error there is no such mode
  const policy: PolicyOptions = { name: 'p', rules: ['1/s'], mode: 'count' }
  void policy
}

export function errorsNarrow(reason: unknown): string {
  if (!HeadgateError.is(reason)) return ''
  // @ts-expect-error there is no such code
  if (reason.code === 'denied') return 'never'
  switch (reason.code) {
    case 'invalid-cost':
    case 'closed':
      return reason.path
    default:
      return reason.message
  }
}

export async function resilience(given: Store): Promise<void> {
  const limiter = createLimiter({
    policies: [{ name: 'a', rules: ['1/s'], onStoreError: 'closed' }],
    store: guarded(given),
    onStoreError: 'open',
    deadlineMs: 10,
    replicas: 'auto',
  })
  await limiter.consume('a', { deadlineMs: 3.5 })
  await limiter.wait('a', { deadlineMs: 3, timeout: '1s' })
  const { store, latency }: Health = limiter.health()
  // @ts-expect-error nothing may have been measured
  console.log(store, latency.p99Ms)
  // @ts-expect-error no such way to behave
  createLimiter({ limit: '1/s', store: guarded(given), onStoreError: 'fail' })
  // @ts-expect-error milliseconds, as the name says
  await limiter.consume('a', { deadlineMs: '3ms' })
}

export function limitedFunctions(): void {
  const run = withRateLimit((name: string, times?: number) => name.repeat(times ?? 1), { limit: '1/s' })
  holds<Same<Parameters<typeof run>, [name: string, times?: number | undefined]>>()
  holds<Same<ReturnType<typeof run>, Promise<string>>>()
  const other = withRateLimit(async (name: string) => name, {
    limit: 5,
    window: '1m',
    key: (name) => name,
    cost: (name) => name.length,
    onLimited: (decision, name) => (decision.retryAfterMs === null ? null : [name]),
  })
  holds<Same<ReturnType<typeof other>, Promise<string | string[] | null>>>()
  holds<Same<(typeof other)['limiter'], Limiter>>()
  // @ts-expect-error arguments stay
  void run(5)
  // @ts-expect-error the key is made of the arguments
  withRateLimit((name: string) => name, { limit: '1/s', key: (name: number) => String(name) })
  // @ts-expect-error a key is a text, or attributes
  withRateLimit((name: string) => name, { limit: '1/s', key: () => 5 })
  // @ts-expect-error there is no response
  withRateLimit((name: string) => name, { limit: '1/s', response: 'text' })
}
