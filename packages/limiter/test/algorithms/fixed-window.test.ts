import { describe, expect, it } from 'vitest'
import { type Algorithm, type RuleReceipt, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { STATE_MAX } from '../../src/core/arithmetic.ts'
import { compileRule, type Rule, type RuleOptions } from '../../src/core/rule.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import { play } from '../oracle/play.ts'

const S = 1_000_000
const DAY = 86_400 * S
type Align = 'first-hit' | 'epoch' | 'calendar'
const compile = (limit: string, align: Align, more: Partial<RuleOptions> = {}): Rule =>
  compileRule({ algorithm: 'fixed-window', limit, align, ...more }, 'rule')

/** The numbers of a state, by name. */
function stateOf({
  incarnation = 2,
  returned = 0,
  credited = 0,
  spentAt = 0,
  end = 0,
  used = 0,
}): Float64Array {
  return new Float64Array([incarnation, returned, credited, spentAt, end, used])
}

const fresh = new Float64Array(6)
const { algorithm: epoch, terms } = compile('5/10s', 'epoch')

function spend(state: Float64Array, now: number, cost: number): RuleReceipt {
  epoch.advance(terms, state, 0, now)
  epoch.spend(terms, state, 0, now, cost, 2)
  const numbers = new Float64Array(VERDICT_SIZE)
  epoch.receipt(terms, state, 0, numbers, 3)
  return ruleReceiptOf(numbers, 0, now)
}

describe('a fixed window', () => {
  it('begins with the first hit', () => {
    play(compile('3/10s', 'first-hit'), [
      { at: 4 * S, cost: 0, wait: 0, remaining: 3, reset: 0 },
      { at: 4 * S, cost: 2, wait: 0, remaining: 1, reset: 10 * S },
      { at: 9 * S, cost: 1, wait: 0, remaining: 0, reset: 5 * S },
      { at: 9 * S, cost: 1, wait: 5 * S, remaining: 0, reset: 5 * S },
      { at: 9 * S, cost: 4, wait: -1, remaining: 0, reset: 5 * S },
      { at: 14 * S - 1, cost: 1, wait: 1, remaining: 0, reset: 1 },
      { at: 14 * S, cost: 3, wait: 0, remaining: 0, reset: 10 * S },
      { at: 60 * S, cost: 1, wait: 0, remaining: 2, reset: 10 * S },
    ])
  })

  it('begins at multiples of its length since 1970', () => {
    play(compile('3/10s', 'epoch'), [
      { at: 104 * S, cost: 2, wait: 0, remaining: 1, reset: 6 * S },
      { at: 109 * S, cost: 1, wait: 0, remaining: 0, reset: S },
      { at: 109 * S, cost: 1, wait: S, remaining: 0, reset: S },
      { at: 110 * S, cost: 3, wait: 0, remaining: 0, reset: 10 * S },
      { at: 119 * S, cost: 4, wait: -1, remaining: 0, reset: S },
      { at: 135 * S, cost: 1, wait: 0, remaining: 2, reset: 5 * S },
    ])
  })

  it('begins with the day of a time zone', () => {
    // Paris is an hour ahead: its day ends at 23:00 UTC.
    play(compile('3/day', 'calendar', { timezone: 'Europe/Paris' }), [
      { at: 10 * DAY, cost: 3, wait: 0, remaining: 0, reset: DAY - 3600 * S },
      { at: 11 * DAY - 3600 * S - 1, cost: 1, wait: 1, remaining: 0, reset: 1 },
      { at: 11 * DAY - 3600 * S, cost: 1, wait: 0, remaining: 2, reset: DAY },
    ])
  })

  it.each<[Align, string, number, number]>([
    ['first-hit', '3/10s', 5 * S, 11 * S],
    ['epoch', '3/10s', 10 * S, 10 * S],
    ['calendar', '3/day', DAY, DAY],
  ])('aligned by %s takes a state of the future into the present window', (align, limit, later, end) => {
    const rule = compile(limit, align)
    const state = fresh.slice()
    rule.algorithm.spend(rule.terms, state, 0, later, 2, 2)
    expect(rule.algorithm.isFuture(rule.terms, state, 0, S)).toBe(true)
    rule.algorithm.advance(rule.terms, state, 0, S)
    expect(state).toEqual(stateOf({ spentAt: S, end, used: 2 }))
    expect(rule.algorithm.isFuture(rule.terms, state, 0, S)).toBe(false)
  })

  it('saturates debt', () => {
    const state = fresh.slice()
    for (let i = 0; i < 2; i++) epoch.spend(terms, state, 0, 14 * S, Number.MAX_SAFE_INTEGER, 2)
    expect(state).toEqual(stateOf({ spentAt: 14 * S, end: 20 * S, used: STATE_MAX }))
  })

  it('is a fresh one when its window is over', () => {
    const state = stateOf({ returned: 1, spentAt: S, end: 10 * S, used: 3 })
    epoch.advance(terms, state, 0, 10 * S)
    expect(state).toEqual(fresh)
  })

  it('gives back what was spent, and is a fresh one when nothing is left', () => {
    const state = fresh.slice()
    const [first, second] = [spend(state, S, 3), spend(state, 2 * S, 1)]
    expect(epoch.refund(terms, state, 0, 2 * S, 3, first)).toBe(3)
    expect(state).toEqual(stateOf({ returned: 3, spentAt: 2 * S, end: 10 * S, used: 1 }))
    expect(epoch.refund(terms, state, 0, 2 * S, 1, second)).toBe(1)
    expect(state).toEqual(fresh)
  })

  it.each([
    { name: 'was all credited', credit: 3, units: 0 },
    { name: 'was credited in part', credit: 1, units: 2 },
    { name: 'was not credited', credit: 0, units: 3 },
  ])('gives back what is left of a spend that $name', ({ credit, units }) => {
    const state = fresh.slice()
    const receipt = spend(state, S, 3)
    spend(state, S, 1)
    expect(epoch.credit(terms, state, 0, S, credit)).toBe(credit)
    spend(state, S, 5)
    expect(epoch.refund(terms, state, 0, S, 3, receipt)).toBe(units)
    expect(epoch.used(terms, state, 0, S)).toBe(9 - credit - units)
  })

  it('credits no more than was used', () => {
    const state = stateOf({ spentAt: S, end: 10 * S, used: 4 })
    expect(epoch.credit(terms, state, 0, S, 9)).toBe(4)
    expect(state).toEqual(fresh)
  })

  it('begins a count of what was given back anew, and with it the record, where it would leave 2^52', () => {
    const state = stateOf({ returned: STATE_MAX - 1, credited: 3, end: 10 * S, used: 9 })
    expect(epoch.credit(terms, state, 0, S, 2)).toBe(2)
    expect(state).toEqual(stateOf({ incarnation: 0, end: 10 * S, used: 7 }))
  })

  it.each<[string, Rule, Rule, boolean]>([
    ['another limit', compile('3/day', 'calendar'), compile('5/day', 'calendar'), true],
    [
      'another zone',
      compile('3/day', 'calendar'),
      compile('3/day', 'calendar', { timezone: 'Asia/Tokyo' }),
      false,
    ],
    ['another unit', compile('3/day', 'calendar'), compile('3/month', 'calendar'), false],
    ['another window', compile('3/10s', 'epoch'), compile('3/20s', 'epoch'), false],
    ['another alignment', compile('3/10s', 'epoch'), compile('3/10s', 'first-hit'), false],
  ])('with %s shares its state as it should', (_, one, other, isShared) => {
    const of = ({ algorithm, terms: t }: { algorithm: Algorithm; terms: object }): string =>
      `${algorithm.kind} ${algorithm.identity(t)}`
    expect(of(one) === of(other)).toBe(isShared)
  })

  it.each([
    { name: 'fits what remains', wait: 0, remaining: 2, cost: 2, expected: 0 },
    { name: 'is more than remains', wait: 0, remaining: 2, cost: 3, expected: 7 },
    { name: 'is more than was denied', wait: 7, remaining: 0, cost: 3, expected: 7 },
    { name: 'is more than ever fits', wait: 0, remaining: 2, cost: 6, expected: -1 },
  ])('tells the wait of a cost that $name', ({ wait, remaining, cost, expected }) => {
    expect(epoch.waitForMore(terms, { wait, remaining, reset: 7 }, cost, 1)).toBe(expected)
  })

  it('refuses a limit above 2^51', () => {
    expect(() => compile('2251799813685249/s', 'epoch')).toThrow(/is above 2\^51; use a smaller limit/)
  })
})
