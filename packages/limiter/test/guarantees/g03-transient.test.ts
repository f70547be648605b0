import { describe, expect, it } from 'vitest'
import { budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import { SplitStore } from '../../src/core/split-store.ts'
import type { Ask } from '../../src/core/store.ts'
import { guard } from '../../src/resilience/guard.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { outcome, turn } from '../resilience/controllable-store.ts'
import { FallibleStore, numbersOf } from './across.ts'
import { RoundsStore } from './rounds-store.ts'

const budget = budgetOf('api', [compileRule('5/min', 'rule')])
const ask = (key: string, cost: number): Ask => ({ budget, key, cost })

function bench() {
  const clock = manualClock()
  const [one, other] = [memoryStore({ clock }), new FallibleStore(clock)]
  const [left, right] = [new RoundsStore(one), new RoundsStore(other)]
  const split = new SplitStore([left, right], ({ key }) => (key === 'left' ? 0 : 1))
  return {
    split,
    left,
    right,
    other,
    /** Units that the left part holds now, as everybody else sees it. */
    held: async (): Promise<number> => 5 - Number((await numbersOf(one, 'peek', [ask('left', 0)]))[1]),
    async round(): Promise<void> {
      await Promise.all([left.round(), right.round()])
      await turn()
    },
  }
}

describe('G3 how long a denial across stores holds units', () => {
  it('an admission takes one round trip, in all parts at once', async () => {
    const { split, left, right, held, round } = bench()
    const decided = split.decide('consume', [ask('left', 3), ask('right', 3)])
    await turn()
    expect([left.rounds, right.rounds, await outcome(decided)]).toEqual([
      [['consume']],
      [['consume']],
      'pending',
    ])
    await round()
    expect(await outcome(decided)).toMatchObject({ numbers: [0, 2, 66_000_000, 0, 2, 66_000_000] })
    expect([left.rounds[1], right.rounds[1], await held()]).toEqual([[], [], 3])
  })

  it('a denial holds them for the round trip of the refund, before which nothing else is sent', async () => {
    const { split, left, right, held, round } = bench()
    const decided = split.decide('consume', [ask('left', 3), ask('right', 9)])
    await turn()
    expect(await held()).toBe(0)
    await round()
    // Sent in the turn in which the denial arrived.
    expect([await held(), left.rounds[1], right.rounds[1]]).toEqual([3, ['refund'], []])
    await round()
    expect([await held(), left.rounds[2], right.rounds[2]]).toEqual([0, ['peek'], []])
    await round()
    expect(await outcome(decided)).toMatchObject({ numbers: [0, 5, 0, -1, 5, 0] })
    expect([left.rounds, right.rounds]).toEqual([
      [['consume'], ['refund'], ['peek'], []],
      [['consume'], [], [], []],
    ])
  })

  it('a denial is told at once where two more round trips would miss the deadline', async () => {
    const { split, held, round } = bench()
    const decided = split.decide('consume', [ask('left', 3), ask('right', 9)], 0)
    await turn()
    await round()
    expect(await outcome(decided)).toMatchObject({ numbers: [0, 2, 66_000_000, -1, 5, 0] })
    await round()
    expect(await held()).toBe(0)
  })

  it('a failure holds them no longer', async () => {
    const { split, other, left, held, round } = bench()
    other.decides = 'refuse'
    const asks = [ask('left', 3), ask('right', 3)]
    const failed = expect(split.decide('consume', asks)).rejects.toThrow('connection refused')
    await turn()
    await round()
    expect([await held(), left.rounds[1]]).toEqual([3, ['refund']])
    await round()
    expect([await held(), left.rounds[2]]).toEqual([0, []])
    await failed
  })

  it('a denial is known in one round trip where no other part has spent', async () => {
    const { split, left, right, round } = bench()
    const decided = split.decide('consume', [ask('left', 9), ask('right', 9)])
    await turn()
    await round()
    expect(await outcome(decided)).toMatchObject({ numbers: [-1, 5, 0, -1, 5, 0] })
    expect([left.rounds, right.rounds]).toEqual([
      [['consume'], []],
      [['consume'], []],
    ])
  })
})

describe('G3 a denial due to units that were held for a moment', () => {
  it('is not repeated once they are given back', async () => {
    const { split, round } = bench()
    const limiter = guard(split, { local: () => memoryStore(), replicas: 1, deadlineMs: 10_000 })
    const first = limiter.decide('consume', [ask('left', 5), ask('right', 9)])
    const second = limiter.decide('consume', [ask('left', 5)])
    await turn()
    await round()
    const { source, numbers } = await second
    expect(source).toBe('store')
    expect(numbers[0]).toBeGreaterThan(0)
    expect(limiter.consumeAtOnce?.(ask('left', 5))).toMatchObject({ source: 'deny-cache' })
    await round()
    expect(limiter.consumeAtOnce?.(ask('left', 5))).toBeNull()
    await round()
    expect(await outcome(first)).toMatchObject({ numbers: [0, 5, 0, -1, 5, 0] })
    await limiter.stop()
  })
})
