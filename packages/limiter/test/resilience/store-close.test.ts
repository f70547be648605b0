import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded, namedStores } from '../../src/entries/resilience.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { RedisServer } from '../redis-server.ts'
import { ControllableStore, turn } from './controllable-store.ts'
import { closerNote } from './store-closers.ts'

class ClosableStore extends ControllableStore {
  override async close(): Promise<void> {
    this.calls.push('close')
    this.manner = 'fail'
  }
}

async function later(clock: ReturnType<typeof manualClock>): Promise<void> {
  for (let i = 0; i < 20; i++) {
    clock.advance(500)
    await turn()
  }
}

describe('closing a store, and none of its limiters', () => {
  it('lets the process end, which decides by the fallback until then, and warns of nothing', async () => {
    await using server = await RedisServer.start()
    const job = { url: server.url, limiters: 8, decisionsAfter: 6 }
    expect(await closerNote(job)).toEqual({ timers: 0, sources: ['fallback'], warnings: [] })
  })

  it('ends heartbeats and probes, also of a breaker that opens later', async () => {
    const clock = manualClock()
    const own = new ClosableStore()
    const store = guarded(own)
    const limiters = [1, 2].map(() => createLimiter({ limit: '1/s', store, clock }))
    for (const limiter of limiters) await limiter.consume('alice')
    await turn()
    expect(own.calls).toContain('heartbeat')
    await store.close()
    expect(own.calls.at(-1)).toBe('close')
    for (const limiter of limiters) for (let i = 0; i < 6; i++) await limiter.consume('alice')
    expect(limiters[0]?.health()).toMatchObject({ breaker: 'open' })
    const asked = own.calls.length
    await later(clock)
    expect(own.calls).toHaveLength(asked)
    expect(await limiters[0]?.consume('alice')).toMatchObject({ source: 'fallback' })
  })

  it('ends probes that are under way', async () => {
    const clock = manualClock()
    const own = new ClosableStore()
    const store = guarded(own)
    const limiter = createLimiter({ limit: '1/s', store, clock, replicas: 1 })
    own.manner = 'fail'
    for (let i = 0; i < 6; i++) await limiter.consume('alice')
    expect(limiter.health()).toMatchObject({ breaker: 'open' })
    await store.close()
    const asked = own.calls.length
    await later(clock)
    expect(own.calls).toHaveLength(asked)
  })

  it('holds for limiters that are created afterwards, and for one of several stores', async () => {
    const clock = manualClock()
    const [main, audit] = [new ClosableStore(), new ClosableStore()]
    const part = guarded(audit)
    const store = namedStores({ main: guarded(main), audit: part })
    const policies = [{ name: 'api', rules: ['9/s'], store: 'audit' }]
    await part.close()
    const limiter = createLimiter({ policies, store, clock, replicas: 1 })
    for (let i = 0; i < 6; i++) await limiter.consume('alice')
    const asked = audit.calls.length
    await later(clock)
    expect(audit.calls).toHaveLength(asked)
    await store.close()
    expect(main.calls).toEqual(['close'])
    await limiter.close()
  })
})
