/** What a limiter does that is told of changes which another one made on the same store. */
import { describe, expect, it } from 'vitest'
import type { Limiter } from '../../src/core/limiter.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { turn } from './controllable-store.ts'
import { DistantStore } from './distant-store.ts'

function two(policy: PolicyOptions) {
  const clock = manualClock()
  const one = new ReferenceStore(clock)
  const create = (): Limiter =>
    createLimiter({
      policies: [policy],
      store: guarded(new DistantStore(clock, one)),
      clock,
      replicas: 1,
    })
  return { clock, here: create(), there: create() }
}

describe('limiter.policies.forget', () => {
  it('lets the store decide again where another limiter ended what this one repeats', async () => {
    const { here, there } = two({ name: 'api', rules: ['1/h'] })
    await here.consume('alice')
    expect(await here.consume('alice')).toMatchObject({ allowed: false, source: 'store' })
    await there.reset('alice')
    expect(await here.consume('alice')).toMatchObject({ allowed: false, source: 'deny-cache' })
    here.policies.forget(there.policies.determinedKeysOf('bob'))
    expect(await here.consume('alice')).toMatchObject({ allowed: false, source: 'deny-cache' })
    here.policies.forget(there.policies.determinedKeysOf('alice'))
    expect(await here.consume('alice')).toMatchObject({ allowed: true, source: 'store' })
  })

  it('ends leases that another limiter blocked', async () => {
    const { clock, here, there } = two({
      name: 'api',
      rules: ['1000/h'],
      lease: { max: 50, lifetime: '200ms' },
    })
    const sources = new Set<string>()
    for (let i = 0; i < 50; i++) {
      clock.advanceUs(1000)
      sources.add((await here.consume('alice')).source)
      await turn()
    }
    expect(sources).toContain('lease')
    await there.block('alice', '1h')
    expect(await here.consume('alice')).toMatchObject({ allowed: true, source: 'lease' })
    here.policies.forget(there.policies.determinedKeysOf('alice'))
    expect(await here.consume('alice')).toMatchObject({ allowed: false, reason: 'blocked' })
  })

  it('has nothing to do on a store in this process', () => {
    const limiter = createLimiter({ limit: '1/h', store: memoryStore() })
    limiter.policies.forget([{ policy: 'default', key: 'alice' }])
    expect(limiter.consumeSync('alice').allowed).toBe(true)
  })
})

describe('limiter.policies.forgetDenials', () => {
  it('lets the store decide again where another limiter gave units back', async () => {
    const { here, there } = two({ name: 'api', rules: ['1/h'] })
    const { receipt } = await there.consume('alice')
    expect(await here.consume('alice')).toMatchObject({ allowed: false, source: 'store' })
    await there.refund(receipt as Receipt)
    expect(await here.consume('alice')).toMatchObject({ allowed: false, source: 'deny-cache' })
    here.policies.forgetDenials(there.policies.keysOf('alice'))
    expect(await here.consume('alice')).toMatchObject({ allowed: true, source: 'store' })
  })

  it('leaves leases', async () => {
    const { clock, here } = two({ name: 'api', rules: ['1000/h'], lease: { max: 50, lifetime: '200ms' } })
    const next = async (): Promise<string> => {
      clock.advanceUs(1000)
      const { source } = await here.consume('alice')
      await turn()
      return source
    }
    await expect.poll(next).toBe('lease')
    here.policies.forgetDenials(here.policies.keysOf('alice'))
    expect(await here.consume('alice')).toMatchObject({ source: 'lease' })
  })
})
