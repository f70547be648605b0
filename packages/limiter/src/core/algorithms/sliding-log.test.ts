import { describe, expect, it } from 'vitest'
import { compileRule, type Rule } from '../rule.ts'
import { type LogTerms, slidingLog } from './sliding-log.ts'

const S = 1_000_000
const rule = compileRule({ algorithm: 'sliding-log', limit: '3/10s' }, 'rule')
const terms = rule.terms as LogTerms
const stateOf = (...numbers: number[]): Float64Array => {
  const state = new Float64Array(32)
  state.set(numbers)
  return state
}
const written = (state: Float64Array): number[] => Array.from(state.subarray(0, (state[0] ?? 0) + 1))

describe('slidingLog', () => {
  it('lets every spend go after exactly its window', () => {
    play(rule, [
      [0, 1, 0, 2, 10 * S],
      [4 * S, 2, 0, 0, 10 * S],
      [5 * S, 1, 5 * S, 0, 9 * S],
      [5 * S, 3, 9 * S, 0, 9 * S],
      [5 * S, 4, -1, 0, 9 * S],
      [10 * S - 1, 1, 1, 0, 4 * S + 1],
      [10 * S, 1, 0, 0, 10 * S],
      [14 * S, 0, 0, 2, 6 * S],
      [20 * S, 0, 0, 3, 0],
    ])
  })

  it('joins spends of one instant, and debt beyond twice its limit', () => {
    const state = stateOf()
    slidingLog.spend(terms, state, 0, S, 1)
    slidingLog.spend(terms, state, 0, S, 1)
    expect(written(state)).toEqual([2, S, 2])
    for (let i = 2; i <= 4; i++) slidingLog.spend(terms, state, 0, i * S, 5)
    expect(written(state)).toEqual([6, S, 2, 2 * S, 5, 4 * S, 10])
  })

  it('saturates debt', () => {
    const state = stateOf()
    slidingLog.spend(terms, state, 0, S, Number.MAX_SAFE_INTEGER)
    expect(slidingLog.used(terms, state, 0, S)).toBe(2 ** 52)
    slidingLog.spend(terms, state, 0, 2 * S, 1)
    expect(written(state)).toEqual([2, S, 2 ** 52])
  })

  it('takes entries of the future for entries of now', () => {
    const state = stateOf(4, S, 1, 5 * S, 1)
    expect(slidingLog.ahead(terms, state, 0, 2 * S)).toBe(true)
    expect(slidingLog.judge(terms, state, 0, 2 * S, 1)).toBe(0)
    expect(written(state)).toEqual([4, S, 1, 2 * S, 1])
    expect(slidingLog.ahead(terms, state, 0, 2 * S)).toBe(false)
    expect(slidingLog.ahead(terms, stateOf(), 0, 0)).toBe(false)
  })

  it.each<[string, number, number, number[]]>([
    ['a part', S, 1, [4, S, 1, 3 * S, 1]],
    ['a whole entry', S, 2, [2, 3 * S, 1]],
    ['never more than an entry', S, 9, [2, 3 * S, 1]],
    ['nothing for an entry that is gone', 2 * S, 1, [4, S, 2, 3 * S, 1]],
  ])('gives back %s', (_, takenAtUs, cost, expected) => {
    const state = stateOf(4, S, 2, 3 * S, 1)
    slidingLog.refund(terms, state, 0, 4 * S, cost, { takenAtUs, recoveredAtUs: 0 })
    expect(written(state)).toEqual(expected)
  })

  it('converts a log as it is', () => {
    const target = stateOf()
    expect(slidingLog.convert(terms, stateOf(4, S, 2, 3 * S, 1), terms, target, 0)).toBe(true)
    expect(written(target)).toEqual([4, S, 2, 3 * S, 1])
  })

  it('is for limits up to 1000', () => {
    const compile = (limit: number): Rule =>
      compileRule({ algorithm: 'sliding-log', limit: { limit, window: '1m' } }, 'rule')
    expect(compile(1000).capacity).toBe(1000)
    expect(() => compile(1001)).toThrow('limit 1001 is too large for a sliding-log')
  })
})

/** `[now, cost → wait, remaining, reset]`: what is asked when, and what is answered; what passes is spent. */
type Row = readonly [now: number, cost: number, wait: number, remaining: number, reset: number]

function play(rule: Rule, rows: readonly Row[]): void {
  const state = new Float64Array(200)
  for (const [now, cost, ...says] of rows)
    expect([now, cost, ...ask(rule, state, now, cost)]).toEqual([now, cost, ...says])
}

function ask({ algorithm, terms, capacity }: Rule, state: Float64Array, now: number, cost: number): number[] {
  const wait = algorithm.judge(terms, state, 0, now, cost)
  if (wait === 0 && cost > 0) algorithm.spend(terms, state, 0, now, cost)
  const remaining = Math.max(0, capacity - algorithm.used(terms, state, 0, now))
  return [wait, remaining, algorithm.reset(terms, state, 0, now)]
}
