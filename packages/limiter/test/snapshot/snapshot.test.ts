import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineAlgorithm } from '../../src/core/algorithms/custom.ts'
import { budgetOf } from '../../src/core/budget.ts'
import type { Decision } from '../../src/core/decision.ts'
import { HeadgateError } from '../../src/core/errors.ts'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import type { Receipt } from '../../src/core/receipt.ts'
import { compileRule } from '../../src/core/rule.ts'
import type { BudgetRequest } from '../../src/core/store.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { crc32 } from '../../src/stores/memory/crc32.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { testContract } from '../contract/subjects.ts'
import { compare } from '../parity/compare.ts'
import { seedOfRun } from '../parity/random.ts'
import { RestartingStore } from './restarting-store.ts'

testContract('the contract on memory restarted before every call', (clock) => new RestartingStore(clock, 1))

describe('a memory store begun from a snapshot', () => {
  it('answers random traffic as the model does, number for number', async () => {
    const seed = seedOfRun('snapshot')
    const { disagreement, refunded, denials } = await compare(
      {
        'restarted often': (clock) => new RestartingStore(clock, 3),
        'restarted at times': (clock) => new RestartingStore(clock, 100),
      },
      { seed, operations: 6000 },
    )
    expect(disagreement).toBeNull()
    expect(Math.min(refunded, denials)).toBeGreaterThan(0)
  }, 120_000)

  it('refunds what was spent before, once, and gives nothing for what others spent since', async () => {
    const clock = manualClock()
    const before = memoryStore({ clock })
    const old = createLimiter({ limit: '5/min', store: before })
    const [given, open] = [old.consumeSync('a', { cost: 2 }), old.consumeSync('a', { cost: 3 })]
    await old.refund(receiptOf(given))
    const store = memoryStore({ clock, snapshot: before.snapshot() })
    const limiter = createLimiter({ limit: '5/min', store })
    expect(await limiter.refund(receiptOf(given))).toBe(0)
    expect(await limiter.refund(receiptOf(open))).toBe(3)
    const again = limiter.consumeSync('a', { cost: 4 })
    await limiter.reset('a')
    limiter.consumeSync('a', { cost: 4 })
    expect(await limiter.refund(receiptOf(again))).toBe(0)
    expect(limiter.consumeSync('a', { cost: 0 })).toMatchObject({ remaining: 1 })
  })

  it('knows what was claimed before', async () => {
    const clock = manualClock()
    const before = memoryStore({ clock })
    const claim = { id: 'r', value: 7, endsAtUs: clock.now() + 1000 }
    expect(await before.claim(claim)).toEqual({ by: 'caller', value: 7 })
    const store = memoryStore({ clock, snapshot: before.snapshot() })
    expect(await store.claim({ ...claim, value: 8 })).toEqual({ by: 'another', value: 7 })
  })

  it('keeps blocks and bans', async () => {
    const clock = manualClock()
    const policies: PolicyOptions[] = [{ name: 'api', rules: ['2/min'], ban: ['10m'] }]
    const before = memoryStore({ clock })
    const old = createLimiter({ store: before, policies })
    await old.consume('banned', { cost: 2 })
    expect(await old.consume('banned')).toMatchObject({ allowed: false, retryAfterMs: 600_000 })
    await old.block('blocked', '1h')
    const limiter = createLimiter({ store: memoryStore({ clock, snapshot: before.snapshot() }), policies })
    clock.advance('5m')
    expect(await limiter.consume('banned')).toMatchObject({ reason: 'blocked', retryAfterMs: 300_000 })
    expect(await limiter.consume('blocked')).toMatchObject({ reason: 'blocked', retryAfterMs: 3_300_000 })
    clock.advance('5m')
    expect(await limiter.consume('banned')).toMatchObject({ allowed: true })
  })

  it('has the secrets of the one before', async () => {
    const clock = manualClock()
    const before = memoryStore({ clock })
    const offer = { addAfterMs: 1000, keepMs: 5000 }
    expect(await before.secrets({ ...offer, secret: 'a' })).toEqual(['a'])
    const store = memoryStore({ clock, snapshot: before.snapshot() })
    expect(await store.secrets({ ...offer, secret: 'b' })).toEqual(['a'])
    clock.advance(2000)
    expect(await store.secrets({ ...offer, secret: 'c' })).toEqual(['c', 'a'])
    clock.advance(4000)
    expect(await store.secrets({ ...offer, secret: 'd' })).toEqual(['d', 'c'])
  })

  it('has the documents of the one before', async () => {
    const before = memoryStore()
    await before.putDocument('one', { expected: null, revision: '1', text: 'kept' })
    const store = memoryStore({ snapshot: before.snapshot() })
    expect(await store.readDocument('one', null)).toEqual({ revision: '1', text: 'kept' })
  })

  it('never refunds a spend of a process whose end nobody planned from what others spent since', async () => {
    const clock = manualClock()
    const start = (): ReturnType<typeof createLimiter> =>
      createLimiter({ limit: '5/h', store: memoryStore({ clock }) })
    const spend = await start().consume('a', { cost: 3 })
    clock.advance('1s')
    const next = start()
    await next.consume('a', { cost: 4 })
    expect(await next.refund(receiptOf(spend))).toBe(0)
    expect(await next.peek('a')).toMatchObject({ remaining: 0 })
  })

  it('lets nobody pass whom it denied at its limit of keys', () => {
    const clock = manualClock()
    const ask = (store: ReturnType<typeof memoryStore>, key: string): boolean =>
      store.decideSync('consume', [{ budget, key, cost: 1 }]).numbers[0] === 0
    const budget = budgetOf('p', [compileRule('1/h', 'rule')])
    let store = memoryStore({ clock, maxKeys: 3 })
    const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
    for (const key of keys) ask(store, key)
    const { overflowed } = store.stats()
    expect(overflowed).toBeGreaterThan(30)
    store = memoryStore({ clock, maxKeys: 3, snapshot: store.snapshot() })
    expect(store.stats()).toEqual({ keys: 3, overflowed: 0 })
    expect(keys.filter((key) => ask(store, key))).toEqual([])
    clock.advance('1h')
    expect(ask(store, 'k0')).toBe(true)
  })

  it('goes on by the time that has passed, also while there was no process', () => {
    const clock = manualClock()
    const of = (snapshot?: Uint8Array) => memoryStore({ clock, ...(snapshot !== undefined && { snapshot }) })
    const store = of()
    const request = requestOf('10/min')
    store.decideSync('consume', [{ ...request, cost: 10 }])
    const snapshot = store.snapshot()
    clock.advance('30s')
    expect(of(snapshot).decideSync('consume', [request]).numbers[0]).toBe(30_000_000)
    clock.advance('30s')
    expect(of(snapshot).decideSync('consume', [request]).numbers[0]).toBe(0)
  })

  it('is given only what has not recovered, in few bytes, and grows with it', () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const budget = budgetOf('p', [compileRule({ limit: '1/s', burst: 5 }, 'rule')])
    const empty = store.snapshot().length
    for (let i = 0; i < 5000; i++) store.decideSync('consume', [{ budget, key: `k${i}`, cost: 1 }])
    const full = store.snapshot()
    expect((full.length - empty) / 5000).toBeLessThan(49)
    const restored = memoryStore({ clock, snapshot: full })
    expect(restored.stats().keys).toBe(5000)
    expect(restored.decideSync('peek', [{ budget, key: 'k4999', cost: 1 }]).numbers[1]).toBe(3)
    clock.advance('1s')
    expect(store.snapshot().length).toBeLessThan(empty + 1000)
  })

  it('has no key in it that could be read', () => {
    const store = memoryStore()
    store.decideSync('consume', [{ ...requestOf('5/h'), key: 'alice@example.org' }])
    expect(new TextDecoder('latin1').decode(store.snapshot())).not.toContain('alice')
  })

  it('leaves out state of an algorithm that it is not given, and keeps the rest', () => {
    const clock = manualClock()
    const step = ({ state: [used = 0] = [], cost }: { state: readonly number[]; cost: number }) => {
      const after = used + cost <= 1 ? used + cost : used
      return {
        state: [after],
        wait: used + cost <= 1 ? 0 : 9,
        remaining: 1 - after,
        reset: after && 3_600_000_000,
      }
    }
    const own = defineAlgorithm({ name: 'once', words: 1, step })
    const rules = (algorithm: string) =>
      budgetOf(algorithm, [
        compileRule({ algorithm, limit: '1/h' }, 'rule', { algorithms: new Map([['once', own]]) }),
      ])
    const requests = ['once', 'sliding-log'].map((name) => ({ budget: rules(name), key: 'k', cost: 1 }))
    const store = memoryStore({ clock })
    store.decideSync('consume', requests)
    const snapshot = store.snapshot()
    const waits = (algorithms: [] | [typeof own]) => {
      const restored = memoryStore({ clock, snapshot, algorithms })
      return requests.map((request) => restored.decideSync('peek', [request]).numbers[0])
    }
    expect(waits([own])).toEqual([9, 3_600_000_000])
    expect(waits([])).toEqual([0, 3_600_000_000])
  })
})

describe('bytes that are no snapshot', () => {
  const good = (() => {
    const store = memoryStore({ clock: manualClock() })
    store.decideSync('consume', [requestOf('5/h'), { ...requestOf('3/day'), key: 'other' }])
    return store.snapshot()
  })()

  it.each([
    ['nothing', new Uint8Array(), 'this is no snapshot of Headgate'],
    [
      'another file',
      new TextEncoder().encode('version: 1\npolicies: []\n'),
      'this is no snapshot of Headgate',
    ],
    ['a part of it', good.slice(0, -8), 'the snapshot is damaged'],
    ['its beginning', good.slice(0, 20), 'the snapshot is damaged'],
    ['a newer version', with32(good, 8, 2), 'version 2 of the format is not 1'],
  ])('%s', (_, snapshot, message) => {
    expect(errorOf(snapshot)).toMatchObject({
      code: 'invalid-snapshot',
      message: expect.stringContaining(message),
    })
  })

  it('are refused with that error wherever a byte is another, or with a checksum made to fit', () => {
    const place = fc.nat({ max: good.length - 1 })
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = good.slice()
        bytes[at] = (bytes[at] as number) ^ flip
        // The four unused bytes are checked as well; whatever is changed is noticed.
        expect(errorOf(bytes)).toMatchObject({ code: 'invalid-snapshot' })
        const forged = with32(bytes, 12, crc32(bytes.subarray(16)))
        const error = errorOf(forged)
        expect(error === null || (HeadgateError.is(error) && error.code === 'invalid-snapshot')).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('of another kind are a usage error', () => {
    expect(() => memoryStore({ snapshot: 'text' as never })).toThrow('is not a snapshot; pass the bytes')
  })
})

function receiptOf({ receipt }: Decision): Receipt {
  if (receipt === null) throw new Error('a spend has a receipt')
  return receipt
}

function requestOf(limit: string): BudgetRequest {
  return { budget: budgetOf('p', [compileRule(limit, 'rule')]), key: 'k', cost: 1 }
}

function errorOf(snapshot: Uint8Array): unknown {
  try {
    memoryStore({ snapshot })
    return null
  } catch (error) {
    return error
  }
}

function with32(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  new DataView(copy.buffer).setUint32(at, value, true)
  return copy
}
