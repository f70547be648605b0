import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRule, type Rule } from '../rule.ts'
import { type SlidingTerms, slidingWindow } from './sliding-window.ts'

const S = 1_000_000
const compile = (limit: string, segments = 10): Rule => compileRule({ limit, segments }, 'rule')
const terms = (limit: string, segments = 10): SlidingTerms => compile(limit, segments).terms as SlidingTerms

describe('slidingWindow', () => {
  it('lets its oldest segment go bit by bit', () => {
    play(compile('4/4s', 2), [
      [0, 4, 0, 0, 6 * S],
      [0, 5, -1, 0, 6 * S],
      [0, 1, 4.5 * S, 0, 6 * S],
      [4 * S, 1, 0.5 * S, 0, 2 * S],
      [4.5 * S - 1, 1, 1, 0, 1.5 * S + 1],
      [4.5 * S, 1, 0, 0, 5.5 * S],
      [5 * S, 0, 0, 1, 5 * S],
      [6 * S, 3, 0, 0, 6 * S],
      [60 * S, 0, 0, 4, 0],
    ])
  })

  it.each<[string, number, Partial<SlidingTerms>]>([
    ['10/10s', 10, { length: S, segments: 10, quantum: 1 }],
    ['10/s', 3, {}],
    ['20000000000/day', 10, { length: 8640, quantum: S }],
    ['100000000/day', 10, { length: 8_640_000, quantum: 1000 }],
  ])('reckons %s in %i segments in the finest quantum that fits', (limit, segments, expected) => {
    if (segments === 3)
      expect(() => compile(limit, segments)).toThrow('a number of segments that divides the window')
    else expect(terms(limit, segments)).toMatchObject(expected)
  })

  it('saturates debt over all its segments', () => {
    const t = terms('4/4s', 2)
    const state = new Float64Array(4)
    slidingWindow.judge(t, state, 0, 0, 0)
    slidingWindow.spend(t, state, 0, 0, Number.MAX_SAFE_INTEGER)
    slidingWindow.judge(t, state, 0, 2 * S, 0)
    slidingWindow.spend(t, state, 0, 2 * S, 5)
    expect(Array.from(state)).toEqual([1, 0, t.ceiling, 0])
  })

  it('folds segments to come into the present one when the clock goes back', () => {
    const t = terms('4/4s', 2)
    const state = new Float64Array([5, 1, 2, 3])
    expect(slidingWindow.ahead(t, state, 0, 8 * S)).toBe(true)
    slidingWindow.judge(t, state, 0, 8 * S, 0)
    expect(Array.from(state)).toEqual([4, 3, 3, 0])
    slidingWindow.judge(t, state, 0, 0, 0)
    expect(Array.from(state)).toEqual([0, 6, 0, 0])
  })

  it('gives back into the segment of the spend while that lives', () => {
    const t = terms('4/4s', 2)
    const back = (takenAtUs: number): number[] => {
      const state = new Float64Array([5, 1, 2, 3])
      slidingWindow.refund(t, state, 0, 10 * S, 2, { takenAtUs, recoveredAtUs: 0 })
      return Array.from(state)
    }
    expect(back(10 * S)).toEqual([5, 0, 2, 3])
    expect(back(9 * S)).toEqual([5, 1, 0, 3])
    expect(back(6 * S)).toEqual([5, 1, 2, 1])
    expect(back(5 * S)).toEqual([5, 1, 2, 3])
    expect(back(12 * S)).toEqual([5, 1, 2, 3])
  })

  it('spends and converts what fits under its ceiling', () => {
    const [t, other] = [terms('4/4s', 2), terms('9/4s', 2)]
    const state = new Float64Array(4)
    slidingWindow.judge(t, state, 0, 9 * S, 0)
    slidingWindow.spend(t, state, 0, 9 * S, Number.MAX_SAFE_INTEGER)
    expect(Array.from(state)).toEqual([4, t.ceiling, 0, 0])
    const target = new Float64Array(4)
    expect(slidingWindow.convert(t, new Float64Array([4, t.ceiling - 1, 2, 3]), other, target, 0)).toBe(true)
    expect(Array.from(target)).toEqual([4, t.ceiling - 1, 1, 0])
    expect(slidingWindow.convert(t, state, terms('4/4s', 4), target, 0)).toBe(false)
    expect(slidingWindow.convert(t, state, terms('4/8s', 2), target, 0)).toBe(false)
  })

  it('rounds what is used up', () => {
    const t = terms('4/4s', 2)
    const state = new Float64Array([3, 0, 0, 3])
    expect(slidingWindow.used(t, state, 0, 6.5 * S)).toBe(3)
    expect(slidingWindow.used(t, state, 0, 7.9 * S)).toBe(1)
  })

  it('waits exactly as long as it says', () => {
    const question = fc.record({ gap: fc.nat(2 * S), cost: fc.integer({ min: 1, max: 5 }) })
    fc.assert(
      fc.property(fc.array(question, { maxLength: 20 }), (questions) => {
        const rule = compile('5/3s', 3)
        const state = new Float64Array(5)
        let now = 0
        for (const { gap, cost } of questions) {
          now += gap
          const [wait = 0] = ask(rule, state, now, cost)
          if (wait === 0) continue
          expect(ask(rule, state.slice(), now + wait - 1, cost)[0]).toBe(1)
          expect(ask(rule, state.slice(), now + wait, cost)[0]).toBe(0)
        }
      }),
    )
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
