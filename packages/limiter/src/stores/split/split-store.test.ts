import { describe, expect, it } from 'vitest'
import { budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import {
  type BudgetKey,
  type BudgetRequest,
  isLeasing,
  isQueueing,
  type LeasingStore,
  type Refund,
  type Store,
  TOO_MANY_WINDOWS,
  type Verb,
  type Verdicts,
} from '../../core/store.ts'
import { SplitStore } from './split-store.ts'

/** A part that answers as told, and writes down what it is asked. */
class Part implements Store {
  readonly calls: string[] = []
  numbers = verdict(0, 4, 1000)
  failure: Error | null = null
  readonly #now: number

  constructor(now: number) {
    this.#now = now
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    this.calls.push(`${verb} ${requests.map(({ key, cost }) => `${key}:${cost}`).join()}`)
    if (this.failure !== null) throw this.failure
    return { now: this.#now, numbers: requests.flatMap(() => this.numbers), source: 'store' }
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    const texts = refunds.map(({ key, cost, rules }) => `${key}:${cost}@${rules[0]?.recoversAtUs}`)
    this.calls.push(`refund ${texts.join()}`)
    if (this.failure !== null) throw this.failure
    return refunds.map(({ cost }) => cost)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    this.calls.push(`reset ${keys.map(({ key }) => key).join()}`)
    if (this.failure !== null) throw this.failure
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    this.calls.push(`block ${keys.map(({ key }) => key).join()} ${lengthUs}`)
    if (this.failure !== null) throw this.failure
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }
}

const budget = budgetOf('api', [compileRule('5/s', 'rule')])

/** The verdict of one rule, with numbers for its receipt. */
function verdict(wait: number, remaining: number, reset: number): number[] {
  return [wait, remaining, reset, 7, 0, 0, 1, 50]
}

describe('a split store', () => {
  it('leaves a decision within one part to that part', async () => {
    const { store, left, right } = bench()
    expect(await store.decide('consume', [ask('a1'), ask('a2')])).toMatchObject({ now: 100 })
    expect(left.calls).toEqual(['consume a1:1,a2:1'])
    expect(right.calls).toEqual([])
  })

  it('spends in all parts at once, and answers in the order of the requests, each by its own clock', async () => {
    const { store, left, right } = bench()
    right.numbers = verdict(0, 9, 7)
    const verdicts = await store.decide('consume', [ask('a'), ask('b', 2), ask('a2')])
    expect(verdicts).toEqual({
      now: 200,
      numbers: [verdict(0, 4, 1000), verdict(0, 9, 7), verdict(0, 4, 1000)].flat(),
      source: 'store',
      times: [100, 200, 100],
    })
    expect([left.calls, right.calls]).toEqual([['consume a:1,a2:1'], ['consume b:2']])
  })

  it('takes back what was spent when another part denies, and says what is left without it', async () => {
    const { store, left, right } = bench()
    right.numbers = verdict(500, 0, 900)
    const { numbers } = await store.decide('consume', [ask('a', 3), ask('b')])
    expect(left.calls).toEqual(['consume a:3', 'refund a:3@1100', 'peek a:0'])
    expect(right.calls).toEqual(['consume b:1'])
    expect(numbers).toEqual([verdict(0, 4, 1000), verdict(500, 0, 900)].flat())
  })

  it('takes back what was spent when another part fails, and fails', async () => {
    const { store, left, right } = bench()
    right.failure = new Error('gone')
    await expect(store.decide('consume', [ask('a'), ask('b')])).rejects.toThrow('gone')
    expect(left.calls).toEqual(['consume a:1', 'refund a:1@1100'])
  })

  it('takes nothing back of a look, and looks again where nothing would be spent', async () => {
    const { store, left, right } = bench()
    right.numbers = verdict(500, 0, 900)
    await store.decide('peek', [ask('a'), ask('b')])
    expect(left.calls).toEqual(['peek a:1', 'peek a:0'])
  })

  it('takes a charge back where another part holds too many windows for its own', async () => {
    const { store, left, right } = bench()
    right.numbers = verdict(TOO_MANY_WINDOWS, 0, 900)
    const { numbers } = await store.decide('charge', [ask('a', 9), ask('b', 9)])
    expect(left.calls).toEqual(['charge a:9', 'refund a:9@1100', 'peek a:0'])
    expect(numbers[8]).toBe(TOO_MANY_WINDOWS)
  })

  it('credits in each part what that can, and takes nothing back: neither of it nor where a part fails', async () => {
    const { store, left, right } = bench()
    left.numbers = verdict(3, 5, 0)
    right.numbers = verdict(0, 5, 0)
    const { numbers } = await store.decide('credit', [ask('a', 9), ask('b', 9)])
    expect([numbers[0], numbers[8]]).toEqual([3, 0])
    right.failure = new Error('gone')
    await expect(store.decide('credit', [ask('a', 9), ask('b', 9)])).rejects.toThrow('gone')
    expect(left.calls).toEqual(['credit a:9', 'credit a:9'])
  })

  it('takes a charge back when another part fails: somebody else will charge all of it', async () => {
    const { store, left, right } = bench()
    right.failure = new Error('gone')
    await expect(store.decide('charge', [ask('a', 9), ask('b', 9)])).rejects.toThrow('gone')
    expect(left.calls).toEqual(['charge a:9', 'refund a:9@1100'])
  })

  it('keeps the clocks of parts that are made of parts', async () => {
    const { store, left } = bench()
    const outer = new SplitStore([new Part(300), store], ({ key }) => (key.startsWith('c') ? 0 : 1))
    const requests = [ask('b'), ask('a'), ask('c')]
    expect(await outer.decide('consume', requests)).toMatchObject({ now: 300, times: [200, 100, 300] })
    ;(outer.parts[0] as Part).numbers = verdict(500, 0, 900)
    await outer.decide('consume', requests)
    expect(left.calls).toContain('refund a:1@1100')
  })

  it('deals refunds and resets, tries all of them, and reports what failed', async () => {
    const { store, left, right } = bench()
    left.failure = new Error('gone')
    await expect(store.reset([ask('a'), ask('b')])).rejects.toThrow('gone')
    expect(await store.refund([refund('b', 1)])).toEqual([1])
    expect(right.calls).toEqual(['reset b', 'refund b:1@2'])
  })

  it('answers what each refund gave back, in the order of the refunds', async () => {
    const { store } = bench()
    expect(await store.refund([refund('b', 3), refund('a', 1), refund('b', 2)])).toEqual([3, 1, 2])
  })

  it('leases where all of its parts can, from the part of the key, and queues where all of them do', async () => {
    const [left, right] = [new Part(100), new Part(200)]
    const grant = { now: 1, numbers: [], source: 'store' as const, granted: 7 }
    const able = Object.assign(left, { acquire: async () => grant, queues: true })
    expect([isLeasing(joined(able, right)), isQueueing(joined(able, right))]).toEqual([false, false])
    const store: Store = joined(able, Object.assign(right, { acquire: async () => null, queues: true }))
    expect([isLeasing(store), isQueueing(store)]).toEqual([true, true])
    expect(await (store as LeasingStore).acquire(ask('a', 10), 1)).toBe(grant)
  })

  it('passes on how a decision is asked for', async () => {
    const { store, left } = bench()
    const given: unknown[] = []
    Object.assign(left, {
      decide: async (_verb: Verb, _requests: unknown, options: unknown) => {
        given.push(options)
        return { now: 1, numbers: verdict(0, 4, 1000), source: 'store' }
      },
    })
    const options = { deadlineMs: 5, onSend: () => true }
    await store.decide('consume', [ask('a')], options)
    await store.decide('consume', [ask('a'), ask('b')], options)
    expect(given).toEqual([options, options])
  })

  it('is alive when all parts are, and counts the replicas that any part knows', async () => {
    const { store, left, right } = bench()
    await store.ping()
    expect(await store.heartbeat('me', 1000)).toBe(1)
    const down = async (): Promise<never> => {
      throw new Error('down')
    }
    Object.assign(left, { ping: down, heartbeat: down })
    Object.assign(right, { ping: async () => {}, heartbeat: async () => 3 })
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
  return { store: joined(left, right), left, right }
}

function joined(...parts: Part[]): SplitStore {
  return new SplitStore(parts, ({ key }) => (key.startsWith('a') ? 0 : 1))
}

function refund(key: string, cost: number): Refund {
  const receipt = { recoversAtUs: 2, incarnation: 2, returned: 0, credited: 0, stood: cost, since: 1 }
  return { ...ask(key, cost), id: 'x', rules: [receipt] }
}

function ask(key: string, cost = 1): BudgetRequest {
  return { budget, key, cost }
}
