import { memoryStore, type ResilienceOptions, type Store } from 'headgate'
import { guarded } from 'headgate/resilience'
import { manualClock } from 'headgate/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createService, type Service, type ServiceOptions } from './service.ts'

const base: Omit<ServiceOptions, 'store'> = {
  policies: [{ name: 'api', key: 'user', rules: ['2/min'] }],
  allow: { ip: ['10.0.0.0/8'] },
  deny: { apiKey: ['revoked-1'] },
  notInForce: [],
  hash: 'abc',
}
const alice = { user: 'alice' }

function onMemory(options: Partial<ServiceOptions> = {}): Service {
  const store = memoryStore({ clock: manualClock() })
  return createService({
    ...base,
    ...options,
    store: { store, label: 'memory', resilience: {}, ping: async () => {} },
  })
}

/** A store that never answers. */
function silent(resilience: ResilienceOptions, options: Partial<ServiceOptions> = {}): Service {
  const never = (): Promise<never> => new Promise(() => {})
  const store: Store = guarded({
    decide: never,
    refund: never,
    reset: never,
    ping: never,
    close: async () => {},
  })
  return createService({ ...base, ...options, store: { store, label: 'silent', resilience, ping: never } })
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the service', () => {
  it('spends with consume, not with peek, and forgets with reset', async () => {
    const service = onMemory()
    expect(await service.peek({ attributes: alice })).toMatchObject({ allowed: true, remaining: 1 })
    expect(await service.peek({ attributes: alice, cost: 0 })).toMatchObject({ remaining: 2 })
    expect(await service.consume({ attributes: alice, cost: 2 })).toMatchObject({
      allowed: true,
      remaining: 0,
    })
    expect(await service.consume({ attributes: alice })).toMatchObject({ allowed: false, reason: 'limited' })
    expect(await service.reset({ attributes: alice })).toEqual(['api'])
    expect(await service.peek({ attributes: alice, cost: 0 })).toMatchObject({ remaining: 2 })
  })

  it('refuses to reset nobody', async () => {
    const service = onMemory({
      policies: [...base.policies, { name: 'all', key: 'global', rules: ['9/min'] }],
    })
    await expect(service.reset({ attributes: { tenant: 'a' } })).rejects.toMatchObject({
      code: 'invalid-key',
    })
    expect(await service.reset({ attributes: alice })).toEqual(['api'])
    expect(await service.reset({ attributes: {}, policy: 'all' })).toEqual(['all'])
  })

  it('lets the allow list through without spending', async () => {
    const service = onMemory()
    const attributes = { ...alice, ip: '10.1.1.1' }
    const decision = await service.consume({ attributes, cost: 5 })
    expect(decision).toMatchObject({
      allowed: true,
      reason: 'unmatched',
      source: 'none',
      cost: 5,
      receipt: null,
    })
    expect(await service.peek({ attributes: alice, cost: 0 })).toMatchObject({ remaining: 2 })
  })

  it('turns the deny list away for ever, even when it is on the allow list', async () => {
    const attributes = { ip: '10.1.1.1', apiKey: 'revoked-1' }
    expect(await onMemory().consume({ attributes })).toMatchObject({
      allowed: false,
      reason: 'denied-by-policy',
      retryAfterMs: null,
      rules: [],
    })
  })

  it('refuses a wrong cost or an unknown policy whatever the lists say', async () => {
    const service = onMemory()
    const attributes = { ip: '10.1.1.1' }
    await expect(service.consume({ attributes, cost: -1 })).rejects.toMatchObject({
      code: 'invalid-cost',
      path: 'cost',
    })
    await expect(service.consume({ attributes, policy: 'nope' })).rejects.toMatchObject({
      code: 'unknown-policy',
    })
    expect(await service.consume({ attributes, policy: 'api' })).toMatchObject({
      allowed: true,
      reason: 'unmatched',
    })
  })

  it('counts listed values and does not show them', () => {
    expect(onMemory().policies()).toMatchObject({ hash: 'abc', allow: { ip: 1 }, deny: { apiKey: 1 } })
    expect(JSON.stringify(onMemory().policies())).not.toContain('revoked-1')
  })

  it('is ready until it drains, and still decides then', async () => {
    const service = onMemory()
    expect(await service.readiness()).toEqual({ ready: true })
    service.drain()
    expect(await service.readiness()).toMatchObject({ ready: false, code: 'closed', detail: 'shutting down' })
    expect(await service.consume({ attributes: alice })).toMatchObject({ allowed: true })
  })

  it('decides without a silent store, within its deadline, as the policies want it', async () => {
    const degraded = vi.fn()
    const local = silent({ deadlineMs: 5, replicas: 2 }, { onDegraded: degraded })
    expect(await local.consume({ attributes: alice })).toMatchObject({ allowed: true, source: 'fallback' })
    expect(degraded).toHaveBeenCalledOnce()
    const open = silent({ deadlineMs: 5, onStoreError: 'open' })
    expect(await open.peek({ attributes: alice })).toMatchObject({ allowed: true, source: 'open' })
    const closed = silent({ deadlineMs: 5, onStoreError: 'closed' })
    for (const verb of ['consume', 'peek', 'reset'] as const) {
      await expect(closed[verb]({ attributes: alice })).rejects.toMatchObject({ code: 'store-unavailable' })
    }
    await Promise.all([local, open, closed].map((service) => service.close()))
  })

  it('gives a silent store 1 s to be ready, and none while its breaker is open', async () => {
    vi.useFakeTimers()
    const notReady = { ready: false, code: 'store-unavailable', detail: 'the store does not answer' }
    const service = silent({})
    const ready = service.readiness()
    expect(service.readiness()).toStrictEqual(ready)
    await vi.advanceTimersByTimeAsync(1000)
    expect(await ready).toMatchObject(notReady)
    const asked = Array.from({ length: 5 }, () => service.consume({ attributes: alice }))
    await vi.advanceTimersByTimeAsync(20)
    await Promise.all(asked)
    expect(await service.readiness()).toMatchObject(notReady)
    await service.close()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('closes limiter and store', async () => {
    const service = onMemory()
    await service.close()
    await expect(service.consume({ attributes: alice })).rejects.toMatchObject({ code: 'closed' })
  })
})
