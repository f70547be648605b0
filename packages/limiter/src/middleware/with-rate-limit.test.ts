import { describe, expect, it } from 'vitest'
import type { Denied } from '../core/decision.ts'
import { createLimiter } from '../create-limiter.ts'
import { guarded } from '../resilience/guarded.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { faultyStore } from '../testing/faulty-store.ts'
import { manualClock } from '../testing/manual-clock.ts'
import { withRateLimit } from './with-rate-limit.ts'

function stillStore() {
  const clock = manualClock()
  return { store: memoryStore({ clock }), clock }
}

/** Lets everything that waits for promises alone go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a function with a rate limit', () => {
  it('gets its arguments, and resolves to its result, sync or async', async () => {
    const add = withRateLimit((a: number, b: number) => a + b, { limit: '5/min' })
    const later = withRateLimit(async (text: string) => text.length, { limit: '5/min' })
    expect([await add(2, 3), await later('four')]).toEqual([5, 4])
  })

  it('is not called beyond the limit: the call rejects, and says which limit it was and when it passes', async () => {
    const { store, clock } = stillStore()
    let calls = 0
    const send = withRateLimit(() => ++calls, { limit: '2/min', name: 'mail', store })
    await send()
    await send()
    clock.advance('20s')
    await expect(send()).rejects.toMatchObject({
      code: 'limited',
      retryAfterMs: 40_000,
      message: 'Too many calls: the limit mail/1m has 0 of 2 left; call again in 40000 ms',
    })
    clock.advance('40s')
    expect([await send(), calls]).toEqual([3, 3])
  })

  it('has one budget for all calls, or one for each key', async () => {
    const all = withRateLimit((_user: string) => 'sent', { limit: '1/hour' })
    await all('alice')
    await expect(all('bob')).rejects.toMatchObject({ code: 'limited' })
    const own = withRateLimit((_user: string) => 'sent', { limit: '1/hour', key: async (user) => user })
    expect([await own('alice'), await own('bob')]).toEqual(['sent', 'sent'])
    await expect(own('alice')).rejects.toMatchObject({ code: 'limited' })
  })

  it('costs what its arguments say', async () => {
    const embed = withRateLimit((texts: string[]) => texts.length, {
      limit: '10/hour',
      cost: (texts) => texts.length,
    })
    expect(await embed(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])).toBe(8)
    await expect(embed(['a', 'b', 'c'])).rejects.toMatchObject({ code: 'limited' })
    expect(await embed(['a', 'b'])).toBe(2)
    await expect(embed(Array(11).fill('a'))).rejects.toMatchObject({
      retryAfterMs: null,
      message: 'A cost of 11 is more than the limit default/1h ever has, which is 10; no wait helps',
    })
  })

  it('results in what onLimited makes of the decision and the arguments', async () => {
    const seen: Denied[] = []
    const send = withRateLimit((to: string) => `sent to ${to}`, {
      limit: '1/hour',
      onLimited: (decision, to) => {
        seen.push(decision)
        return `not sent to ${to}`
      },
    })
    expect([await send('a'), await send('b')]).toEqual(['sent to a', 'not sent to b'])
    expect(seen.map(({ reason }) => reason)).toEqual(['limited'])
  })

  it('waits for its turn with a timeout, first come first served', async () => {
    const { store, clock } = stillStore()
    const ran: number[] = []
    const run = withRateLimit((i: number) => ran.push(i), {
      algorithm: 'token-bucket',
      limit: '1/s',
      store,
      timeout: '2s',
    })
    const calls = [0, 1, 2].map((i) => run(i))
    await expect(run(3)).rejects.toMatchObject({ code: 'limited' })
    for (const done of [[0], [0, 1], [0, 1, 2]]) {
      await settle()
      expect(ran).toEqual(done)
      clock.advance('1s')
    }
    await Promise.all(calls)
  })

  it('has spent where it throws, and rejects with what it throws', async () => {
    const fail = withRateLimit(
      () => {
        throw new RangeError('no')
      },
      { limit: '1/hour' },
    )
    await expect(fail()).rejects.toThrow(RangeError)
    await expect(fail()).rejects.toMatchObject({ code: 'limited' })
  })

  it('shares a limiter that exists, and has its own as a field', async () => {
    const limiter = createLimiter({ policies: [{ name: 'p', key: 'tenant', rules: ['1/hour'] }] })
    const run = withRateLimit((_tenant: string) => 1, { limiter, key: (tenant) => ({ tenant }) })
    await limiter.consume({ tenant: 'a' })
    await expect(run('a')).rejects.toMatchObject({ code: 'limited' })
    await run.limiter.reset({ tenant: 'a' })
    expect([await run('a'), run.limiter === limiter]).toEqual([1, true])
  })

  it('says of a denial that no limit brings why it is one', async () => {
    const { store } = stillStore()
    const run = withRateLimit((_who: string) => 1, { limit: '5/min', store, key: (who) => who })
    await run.limiter.block('a', '1m')
    await expect(run('a')).rejects.toMatchObject({
      code: 'limited',
      message: 'This key is blocked under the policy default; call again in 60000 ms',
    })
    const listed = withRateLimit((_who: string) => 1, {
      limit: '5/min',
      deny: { key: ['a'] },
      key: (who) => who,
    })
    await expect(listed('a')).rejects.toThrow('Calls of this key are denied; no wait helps')
  })

  it('rejects with store-unavailable where a closed limit has no store', async () => {
    const store = guarded(faultyStore(memoryStore(), { faults: ['fail'] }))
    const run = withRateLimit(() => 1, { limit: '5/min', store, onStoreError: 'closed' })
    await expect(run()).rejects.toMatchObject({
      code: 'store-unavailable',
      retryAfterMs: expect.any(Number),
    })
  })

  it('is not limited while it is switched off', async () => {
    let enabled = false
    const run = withRateLimit(() => 1, { limit: '0/hour', enabled: () => enabled })
    expect(await run()).toBe(1)
    enabled = true
    await expect(run()).rejects.toThrow('No call passes: the limit default/1h is 0; no wait helps')
  })

  it.each([
    [{ limit: '1/s', kye: () => 'a' }, 'options: unknown field "kye" (did you mean "key"?)'],
    [{ limit: '1/s', key: 'ip' }, 'options.key: "ip" is not a function'],
    [{ limit: '1/s', cost: -1 }, 'cost'],
    [{ limit: '1/s', timeout: 'soon' }, 'options.timeout'],
    [{ limit: () => '1/s' }, 'options.limit'],
    [{}, 'a limit is missing'],
  ])('refuses %o', (options, message) => {
    expect(() => withRateLimit(() => 1, options as never)).toThrow(message)
  })

  it('calls a method on its object, with arguments that may be absent', async () => {
    const api = {
      base: 10,
      async add(one: number, other = 0, ...more: number[]): Promise<number> {
        return this.base + one + other + more.length
      },
    }
    api.add = withRateLimit(api.add, { limit: '9/s', key: (one) => `${one}`, cost: (_, other) => other ?? 1 })
    expect([await api.add(1), await api.add(1, 2), await api.add(1, 2, 3)]).toEqual([11, 13, 14])
  })

  it('refuses what is no function', () => {
    expect(() => withRateLimit('send' as never, { limit: '1/s' })).toThrow('fn: "send" is not a function')
  })
})
