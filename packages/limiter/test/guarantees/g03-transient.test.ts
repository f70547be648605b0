import { describe, expect, it } from 'vitest'
import { budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import type { BudgetRequest } from '../../src/core/store.ts'
import { guard } from '../../src/resilience/guard.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { SplitStore } from '../../src/stores/split/split-store.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { outcome, standing, turn } from '../resilience/controllable-store.ts'
import { FallibleStore, standingOf } from './across.ts'
import { RoundsStore } from './rounds-store.ts'

const budget = budgetOf('api', [compileRule('5/min', 'rule')])
const request = (key: string, cost: number): BudgetRequest => ({ budget, key, cost })

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
    held: async (): Promise<number> => 5 - Number((await standingOf(one, 'peek', [request('left', 0)]))[1]),
    async round(): Promise<void> {
      await Promise.all([left.round(), right.round()])
      await turn()
    },
  }
}

describe('G3 how long a denial across stores holds units', () => {
  it('an admission takes one round trip, in all parts at once', async () => {
    const { split, left, right, held, round } = bench()
    const decided = split.decide('consume', [request('left', 3), request('right', 3)])
    await turn()
    expect([left.rounds, right.rounds, await outcome(decided)]).toEqual([
      [['consume']],
      [['consume']],
      'pending',
    ])
    await round()
    expect(standing(await decided)).toEqual([0, 2, 60_000_000, 0, 2, 60_000_000])
    expect([left.rounds[1], right.rounds[1], await held()]).toEqual([[], [], 3])
  })

  it('a denial holds them for the round trip of the refund, before which nothing else is sent', async () => {
    const { split, left, right, held, round } = bench()
    const decided = split.decide('consume', [request('left', 3), request('right', 9)])
    await turn()
    expect(await held()).toBe(0)
    await round()
    // Sent in the turn in which the denial arrived.
    expect([await held(), left.rounds[1], right.rounds[1]]).toEqual([3, ['refund'], []])
    await round()
    expect([await held(), left.rounds[2], right.rounds[2]]).toEqual([0, ['peek'], []])
    await round()
    expect(standing(await decided)).toEqual([0, 5, 0, -1, 5, 0])
    expect([left.rounds, right.rounds]).toEqual([
      [['consume'], ['refund'], ['peek'], []],
      [['consume'], [], [], []],
    ])
  })

  it('a denial is told at once where two more round trips would miss the deadline', async () => {
    const { split, held, round } = bench()
    const decided = split.decide('consume', [request('left', 3), request('right', 9)], { deadlineMs: 0 })
    await turn()
    await round()
    expect(standing(await decided)).toEqual([0, 2, 60_000_000, -1, 5, 0])
    await round()
    expect(await held()).toBe(0)
  })

  it('a failure holds them no longer', async () => {
    const { split, other, left, held, round } = bench()
    other.decides = 'refuse'
    const requests = [request('left', 3), request('right', 3)]
    const failed = expect(split.decide('consume', requests)).rejects.toThrow('connection refused')
    await turn()
    await round()
    expect([await held(), left.rounds[1]]).toEqual([3, ['refund']])
    await round()
    expect([await held(), left.rounds[2]]).toEqual([0, []])
    await failed
  })

  it('a denial is known in one round trip where no other part has spent', async () => {
    const { split, left, right, round } = bench()
    const decided = split.decide('consume', [request('left', 9), request('right', 9)])
    await turn()
    await round()
    expect(standing(await decided)).toEqual([-1, 5, 0, -1, 5, 0])
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
    const first = limiter.decide('consume', [request('left', 5), request('right', 9)])
    const second = limiter.decide('consume', [request('left', 5)])
    await turn()
    await round()
    const { source, numbers } = await second
    expect(source).toBe('store')
    expect(numbers[0]).toBeGreaterThan(0)
    expect(limiter.decideAtOnce('consume', [request('left', 5)])).toMatchObject({ source: 'deny-cache' })
    await round()
    expect(limiter.decideAtOnce('consume', [request('left', 5)])).toBeNull()
    await round()
    expect(standing(await first)).toEqual([0, 5, 0, -1, 5, 0])
    await limiter.stop()
  })
})
