import { describe, expect, it } from 'vitest'
import { compileRule, type Rule, type RuleOptions } from '../rule.ts'
import { calendarWindow, epochWindow, firstHitWindow } from './fixed-window.ts'

const S = 1_000_000
const DAY = 86_400 * S
const compile = (
  limit: string,
  align: 'first-hit' | 'epoch' | 'calendar',
  more: Partial<RuleOptions> = {},
): Rule => compileRule({ algorithm: 'fixed-window', limit, align, ...more }, 'rule')

describe('a fixed window', () => {
  it('begins with the first hit', () => {
    play(compile('3/10s', 'first-hit'), [
      [4 * S, 0, 0, 3, 0],
      [4 * S, 2, 0, 1, 10 * S],
      [9 * S, 1, 0, 0, 5 * S],
      [9 * S, 1, 5 * S, 0, 5 * S],
      [9 * S, 4, -1, 0, 5 * S],
      [14 * S - 1, 1, 1, 0, 1],
      [14 * S, 3, 0, 0, 10 * S],
      [60 * S, 1, 0, 2, 10 * S],
    ])
  })

  it('begins at multiples of its length since 1970', () => {
    play(compile('3/10s', 'epoch'), [
      [104 * S, 2, 0, 1, 6 * S],
      [109 * S, 1, 0, 0, S],
      [109 * S, 1, S, 0, S],
      [110 * S, 3, 0, 0, 10 * S],
      [119 * S, 4, -1, 0, S],
      [135 * S, 1, 0, 2, 5 * S],
    ])
  })

  it('begins with the day of a time zone', () => {
    // Paris is an hour ahead: its day ends at 23:00 UTC.
    play(compile('3/day', 'calendar', { timezone: 'Europe/Paris' }), [
      [10 * DAY, 3, 0, 0, DAY - 3600 * S],
      [11 * DAY - 3600 * S - 1, 1, 1, 0, 1],
      [11 * DAY - 3600 * S, 1, 0, 2, DAY],
    ])
  })

  it.each([
    [firstHitWindow, 'first-hit', 5 * S],
    [epochWindow, 'epoch', 10 * S],
    [calendarWindow, 'calendar', DAY],
  ] as const)('takes a state of the future into the present window', (algorithm, align, later) => {
    const { terms } = compile(align === 'calendar' ? '3/day' : '3/10s', align)
    const state = new Float64Array(3)
    algorithm.judge(terms as never, state, 0, later, 2)
    algorithm.spend(terms as never, state, 0, later, 2)
    expect(algorithm.ahead(terms as never, state, 0, S)).toBe(true)
    expect(algorithm.judge(terms as never, state, 0, S, 2)).toBeGreaterThan(0)
    expect(algorithm.ahead(terms as never, state, 0, S)).toBe(false)
    expect(algorithm.used(terms as never, state, 0, S)).toBe(2)
  })

  it('saturates debt', () => {
    const { terms } = compile('3/10s', 'epoch')
    const state = new Float64Array(3)
    for (let i = 0; i < 2; i++) epochWindow.spend(terms as never, state, 0, 0, Number.MAX_SAFE_INTEGER)
    expect(epochWindow.used(terms as never, state, 0, 0)).toBe(2 ** 52)
  })

  it('gives back into the window of the spend only', () => {
    const { terms } = compile('3/10s', 'epoch')
    const state = new Float64Array([2, 0, 10 * S])
    const back = (recoveredAtUs: number, cost: number): number => {
      epochWindow.refund(terms as never, state, 0, S, cost, { takenAtUs: 0, recoveredAtUs })
      return epochWindow.used(terms as never, state, 0, S)
    }
    expect(back(20 * S, 2)).toBe(2)
    expect(back(10 * S, 1)).toBe(1)
    expect(back(10 * S, 5)).toBe(0)
  })

  it('is spent in the window of now, saturating', () => {
    const { terms } = compile('3/10s', 'epoch')
    const state = new Float64Array(3)
    epochWindow.judge(terms as never, state, 0, 14 * S, 0)
    epochWindow.spend(terms as never, state, 0, 14 * S, Number.MAX_SAFE_INTEGER)
    expect(Array.from(state)).toEqual([2 ** 52, 10 * S, 20 * S])
  })

  it('keeps its window when only the limit changes', () => {
    const from = compile('3/day', 'calendar').terms as never
    const source = new Float64Array([2, 0, DAY])
    const convert = (limit: string, timezone: string): [boolean, number[]] => {
      const target = new Float64Array(3)
      const to = compile(limit, 'calendar', { timezone }).terms as never
      return [calendarWindow.convert(from, source, to, target, 0), Array.from(target)]
    }
    expect(convert('5/day', 'UTC')).toEqual([true, [2, 0, DAY]])
    expect(convert('5/day', 'Asia/Tokyo')).toEqual([false, [0, 0, 0]])
    expect(convert('5/month', 'UTC')).toEqual([false, [0, 0, 0]])
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
