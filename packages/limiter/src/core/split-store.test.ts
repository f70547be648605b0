import { describe, expect, it } from 'vitest'
import { budgetOf } from './budget.ts'
import { compileRule } from './rule.ts'
import { SplitStore } from './split-store.ts'
import type { Ask, Refund, Store, Verb, Verdicts } from './store.ts'

/** A part that answers as told, and writes down what it is asked. */
class Part implements Store {
  readonly synchronous = false
  readonly calls: string[] = []
  numbers = [0, 4, 1000]
  failure: Error | null = null
  readonly #now: number

  constructor(now: number) {
    this.#now = now
  }

  async decide(verb: Verb, asks: readonly Ask[]): Promise<Verdicts> {
    this.calls.push(`${verb} ${asks.map(({ key, cost }) => `${key}:${cost}`).join()}`)
    if (this.failure !== null) throw this.failure
    return { now: this.#now, numbers: asks.flatMap(() => this.numbers), source: 'store' }
  }

  async refund(refunds: readonly Refund[]): Promise<void> {
    const texts = refunds.map(({ key, cost, marks }) => `${key}:${cost}@${marks[0]?.takenAtUs}`)
    this.calls.push(`refund ${texts.join()}`)
    if (this.failure !== null) throw this.failure
  }

  async reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    this.calls.push(`reset ${asks.map(({ key }) => key).join()}`)
    if (this.failure !== null) throw this.failure
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }
}

const budget = budgetOf('api', [compileRule('5/s', 'rule')])

describe('a split store', () => {
  it('leaves a decision within one part to that part', async () => {
    const { store, left, right } = bench()
    expect(await store.decide('consume', [ask('a1'), ask('a2')])).toMatchObject({ now: 100 })
    expect(left.calls).toEqual(['consume a1:1,a2:1'])
    expect(right.calls).toEqual([])
  })

  it('spends in all parts at once, and answers in the order of the asks, each by its own clock', async () => {
    const { store, left, right } = bench()
    right.numbers = [0, 9, 7]
    const verdicts = await store.decide('consume', [ask('a'), ask('b', 2), ask('a2')])
    expect(verdicts).toEqual({
      now: 200,
      numbers: [0, 4, 1000, 0, 9, 7, 0, 4, 1000],
      source: 'store',
      times: [100, 200, 100],
    })
    expect([left.calls, right.calls]).toEqual([['consume a:1,a2:1'], ['consume b:2']])
  })

  it('takes back what was spent when another part denies, and says what is left without it', async () => {
    const { store, left, right } = bench()
    right.numbers = [500, 0, 900]
    const { numbers } = await store.decide('consume', [ask('a', 3), ask('b')])
    expect(left.calls).toEqual(['consume a:3', 'refund a:3@100', 'peek a:0'])
    expect(right.calls).toEqual(['consume b:1'])
    expect(numbers).toEqual([0, 4, 1000, 500, 0, 900])
  })

  it('takes back what was spent when another part fails, and fails', async () => {
    const { store, left, right } = bench()
    right.failure = new Error('gone')
    await expect(store.decide('consume', [ask('a'), ask('b')])).rejects.toThrow('gone')
    expect(left.calls).toEqual(['consume a:1', 'refund a:1@100'])
  })

  it('takes nothing back of a charge or a look, and looks again where nothing would be spent', async () => {
    for (const verb of ['charge', 'peek'] as const) {
      const { store, left, right } = bench()
      right.numbers = [500, 0, 900]
      await store.decide(verb, [ask('a'), ask('b')])
      expect(left.calls).toEqual([`${verb} a:1`, ...(verb === 'peek' ? ['peek a:0'] : [])])
    }
  })

  it('takes a charge back when another part fails: somebody else will charge all of it', async () => {
    const { store, left, right } = bench()
    right.failure = new Error('gone')
    await expect(store.decide('charge', [ask('a', 9), ask('b', 9)])).rejects.toThrow('gone')
    expect(left.calls).toEqual(['charge a:9', 'refund a:9@100'])
  })

  it('keeps the clocks of parts that are made of parts', async () => {
    const { store, left } = bench()
    const outer = new SplitStore([new Part(300), store], ({ key }) => (key.startsWith('c') ? 0 : 1))
    const asks = [ask('b'), ask('a'), ask('c')]
    expect(await outer.decide('consume', asks)).toMatchObject({ now: 300, times: [200, 100, 300] })
    ;(outer.parts[0] as Part).numbers = [500, 0, 900]
    await outer.decide('consume', asks)
    expect(left.calls).toContain('refund a:1@100')
  })

  it('deals refunds and resets, tries all of them, and reports what failed', async () => {
    const { store, left, right } = bench()
    left.failure = new Error('gone')
    await expect(store.reset([ask('a'), ask('b')])).rejects.toThrow('gone')
    const marks = [{ takenAtUs: 1, recoveredAtUs: 2 }]
    await expect(store.refund([{ ...ask('b'), id: 'x', marks }])).resolves.toBeUndefined()
    expect(right.calls).toEqual(['reset b', 'refund b:1@1'])
  })

  it('takes from the part of a key, where that can', async () => {
    const { store, left } = bench()
    await expect(store.take(ask('a'), 1)).rejects.toThrow('cannot take')
    const taken = { now: 1, numbers: [], source: 'store' as const, granted: 7 }
    Object.assign(left, { take: async () => taken })
    expect(await store.take(ask('a', 10), 1)).toBe(taken)
  })

  it('is alive when all parts are, and counts the replicas that any part knows', async () => {
    const { store, left, right } = bench()
    await store.ping()
    expect(await store.heartbeat('me', 1000)).toBe(1)
    const down = async (): Promise<never> => {
      throw new Error('down')
    }
    Object.assign(left, { ping: down, heartbeat: down })
    Object.assign(right, { heartbeat: async () => 3 })
    await expect(store.ping()).rejects.toThrow('down')
    expect(await store.heartbeat('me', 1000)).toBe(3)
    Object.assign(right, { heartbeat: down })
    await expect(store.heartbeat('me', 1000)).rejects.toThrow('down')
  })

  it('closes all parts', async () => {
    const { store, left, right } = bench()
    await store.close()
    expect([...left.calls, ...right.calls]).toEqual(['close', 'close'])
  })
})

function bench(): { store: SplitStore; left: Part; right: Part } {
  const [left, right] = [new Part(100), new Part(200)]
  return { store: new SplitStore([left, right], ({ key }) => (key.startsWith('a') ? 0 : 1)), left, right }
}

function ask(key: string, cost = 1): Ask {
  return { budget, key, cost }
}
