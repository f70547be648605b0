import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RuleReceipt, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { type SlidingTerms, slidingLog, slidingWindow } from '../../src/core/algorithms/sliding-window.ts'
import { STATE_MAX } from '../../src/core/arithmetic.ts'
import { compileRule, type Rule, type RuleOptions } from '../../src/core/rule.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import { expectExactWaits, play } from '../oracle/play.ts'

const S = 1_000_000
const compile = (limit: string, segments = 10): Rule => compileRule({ limit, segments }, 'rule')
const terms = (limit: string, segments = 10): SlidingTerms => compile(limit, segments).terms as SlidingTerms

interface Entry {
  readonly start: number
  readonly units: number
}

interface Parts {
  readonly incarnation?: number
  readonly returned?: number
  readonly credited?: number
  readonly spentAt?: number
  readonly entries?: readonly Entry[]
}

const HEAD = 6
const ROOM = HEAD + 2 * 12

/** The numbers of a state by name; the total and the count follow from the entries. */
function stateOf({
  incarnation = 2,
  returned = 0,
  credited = 0,
  spentAt = 0,
  entries = [],
}: Parts): Float64Array {
  const state = new Float64Array(ROOM)
  const total = entries.reduce((sum, { units }) => sum + units, 0)
  state.set([incarnation, returned, credited, spentAt, total, entries.length])
  state.set(
    entries.flatMap(({ start, units }) => [start, units]),
    HEAD,
  )
  return state
}

function spend(t: SlidingTerms, state: Float64Array, now: number, cost: number): RuleReceipt {
  slidingWindow.advance(t, state, 0, now)
  slidingWindow.spend(t, state, 0, now, cost, 2)
  const numbers = new Float64Array(VERDICT_SIZE)
  slidingWindow.receipt(t, state, 0, numbers, 3)
  return ruleReceiptOf(numbers, 0, now)
}

describe('slidingWindow', () => {
  it('lets an entry go as a whole, a window after it began', () => {
    play(compile('8/4s', 2), [
      { at: 0, cost: 3, wait: 0, remaining: 5, reset: 4 * S },
      { at: 2 * S - 1, cost: 2, wait: 0, remaining: 3, reset: 2 * S + 1 },
      { at: 2 * S, cost: 3, wait: 0, remaining: 0, reset: 4 * S },
      { at: 2 * S, cost: 9, wait: -1, remaining: 0, reset: 4 * S },
      { at: 3 * S, cost: 1, wait: S, remaining: 0, reset: 3 * S },
      { at: 3 * S, cost: 6, wait: 3 * S, remaining: 0, reset: 3 * S },
      { at: 4 * S, cost: 5, wait: 0, remaining: 0, reset: 4 * S },
      { at: 60 * S, cost: 0, wait: 0, remaining: 8, reset: 0 },
    ])
  })

  it.each<[string, number, Partial<SlidingTerms>]>([
    ['100/10s', 10, { length: S, segments: 10, windowUs: 10 * S }],
    ['100/s', 3, { length: 333_334 }],
    ['10/s', 10, { length: 1 }],
    ['11/s', 10, { length: 100_000 }],
    ['100/min', 1000, { length: 1 }],
    ['20000000000/day', 10, { length: 8640 * S }],
  ])('reckons %s in %i segments', (limit, segments, expected) => {
    expect(terms(limit, segments)).toMatchObject(expected)
  })

  it.each<[string, RuleOptions, boolean]>([
    ['another limit', { limit: '7/10s' }, true],
    ['other segments', { limit: '100/10s', segments: 3 }, true],
    ['the name sliding-log', { limit: '100/10s', algorithm: 'sliding-log' }, true],
    ['another window', { limit: '100/20s' }, false],
  ])('with %s shares its state as it should', (_, options, isShared) => {
    const { algorithm, terms: other } = compileRule(options, 'rule')
    const [mine, theirs] = [slidingWindow.identity(terms('100/10s')), algorithm.identity(other)]
    expect([algorithm.kind, mine === theirs]).toEqual(['sliding-window', isShared])
  })

  it('saturates debt over all its entries', () => {
    const t = terms('8/4s', 2)
    const state = stateOf({ incarnation: 0 })
    spend(t, state, 0, Number.MAX_SAFE_INTEGER)
    spend(t, state, 2 * S, 5)
    expect(state).toEqual(stateOf({ spentAt: 2 * S, entries: [{ start: 0, units: STATE_MAX }] }))
  })

  it('makes one entry, at now, of those to come and one that begins now', () => {
    const t = terms('100/10s')
    const entries = [
      { start: 1, units: 1 },
      { start: 5, units: 2 },
      { start: 6, units: 3 },
      { start: 9, units: 4 },
    ]
    const state = stateOf({ spentAt: 9, entries })
    expect(slidingWindow.isFuture(t, state, 0, 8)).toBe(true)
    slidingWindow.advance(t, state, 0, 5)
    const joined = [
      { start: 1, units: 1 },
      { start: 5, units: 9 },
    ]
    expect(state).toEqual(stateOf({ spentAt: 5, entries: joined }))
    expect(slidingWindow.isFuture(t, state, 0, 5)).toBe(false)
  })

  it('leaves an entry that begins now alone where none is to come', () => {
    const t = terms('100/10s')
    const state = stateOf({ spentAt: 5, entries: [{ start: 5, units: 2 }] })
    expect(slidingWindow.isFuture(t, state, 0, 5)).toBe(false)
    slidingWindow.advance(t, state, 0, 5)
    expect(state).toEqual(stateOf({ spentAt: 5, entries: [{ start: 5, units: 2 }] }))
  })

  it('joins its oldest entries, at the later of them, when it spends after segments were lowered', () => {
    const t = terms('100/10s', 2)
    const state = stateOf({ entries: [1, 2, 3, 4].map((start) => ({ start, units: start })) })
    slidingWindow.advance(t, state, 0, 4)
    expect(state).toEqual(stateOf({ entries: [1, 2, 3, 4].map((start) => ({ start, units: start })) }))
    spend(t, state, 5, 1)
    const joined = [
      { start: 3, units: 6 },
      { start: 4, units: 5 },
    ]
    expect(state).toEqual(stateOf({ spentAt: 5, entries: joined }))
  })

  it('joins its oldest entries where a unit finds as many as there may be', () => {
    const t = terms('3/10s', 3)
    const state = stateOf({ entries: [1, 2, 3].map((start) => ({ start, units: 1 })) })
    spend(t, state, 9, 1)
    const joined = [
      { start: 2, units: 2 },
      { start: 3, units: 1 },
      { start: 9, units: 1 },
    ]
    expect(state).toEqual(stateOf({ spentAt: 9, entries: joined }))
  })

  it('moves the only entry there may be', () => {
    const { terms: t } = compileRule({ limit: '1/10s', algorithm: 'sliding-log' }, 'rule')
    const state = stateOf({ entries: [{ start: 1, units: 1 }] })
    spend(t as SlidingTerms, state, 9, 2)
    expect(state).toEqual(stateOf({ spentAt: 9, entries: [{ start: 9, units: 3 }] }))
  })

  it('gives back into the entry of the spend while that is there', () => {
    const t = terms('100/10s')
    const state = stateOf({ incarnation: 0 })
    const receipts = [0, 1, 2].map((second) => spend(t, state, second * S, 2 + second))
    const refund = (which: number, cost: number): number =>
      slidingWindow.refund(t, state, 0, 2 * S, cost, receipts[which] as RuleReceipt)
    expect([refund(1, 3), refund(1, 3), refund(0, 1)]).toEqual([3, 0, 1])
    const entries = [
      { start: 0, units: 1 },
      { start: 2 * S, units: 4 },
    ]
    expect(state).toEqual(stateOf({ returned: 4, spentAt: 2 * S, entries }))
  })

  it('is a fresh one when nothing is left in it', () => {
    const t = terms('100/10s')
    const state = stateOf({ incarnation: 0 })
    const receipt = spend(t, state, S, 3)
    expect(slidingWindow.refund(t, state, 0, S, 3, receipt)).toBe(3)
    expect(state).toEqual(new Float64Array(ROOM))
  })

  it('credits its newest entries, and no more than they hold', () => {
    const t = terms('100/10s')
    const state = stateOf({ entries: [1, 2, 3].map((start) => ({ start, units: 2 })) })
    expect(slidingWindow.credit(t, state, 0, 3, 3)).toBe(3)
    const entries = [
      { start: 1, units: 2 },
      { start: 2, units: 1 },
    ]
    expect(state).toEqual(stateOf({ returned: 3, credited: 3, entries }))
    expect(slidingWindow.credit(t, state, 0, 3, 9)).toBe(3)
    expect(state).toEqual(new Float64Array(ROOM))
  })

  it.each([
    { name: 'was all credited', credit: 3, cost: 3, units: 0 },
    { name: 'was credited in part', credit: 1, cost: 3, units: 2 },
    { name: 'was not credited', credit: 0, cost: 3, units: 3 },
  ])('gives back what is left of a spend that $name', ({ credit, cost, units }) => {
    const t = terms('100/10s')
    const state = stateOf({ incarnation: 0 })
    const receipt = spend(t, state, 0, 3)
    spend(t, state, 0, 1)
    slidingWindow.credit(t, state, 0, 0, credit)
    spend(t, state, 0, 5)
    expect(slidingWindow.refund(t, state, 0, 0, cost, receipt)).toBe(units)
    expect(slidingWindow.used(t, state, 0, 0)).toBe(9 - credit - units)
  })

  it('begins a count of what was given back anew, and with it the record, where it would leave 2^52', () => {
    const t = terms('100/10s')
    const entries = [{ start: 1, units: 5 }]
    const state = stateOf({ returned: STATE_MAX - 1, credited: 3, entries })
    expect(slidingWindow.credit(t, state, 0, 1, 2)).toBe(2)
    expect(state).toEqual(stateOf({ incarnation: 0, entries: [{ start: 1, units: 3 }] }))
  })

  it.each([
    { name: 'fits what remains', cost: 2, expected: 0 },
    { name: 'is more than remains', cost: 3, expected: null },
    { name: 'is more than ever fits', cost: 9, expected: -1 },
  ])('tells the wait of a cost that $name, or that only the store knows it', ({ cost, expected }) => {
    const verdict = { wait: 0, remaining: 2, reset: 0 }
    expect(slidingWindow.waitForMore(terms('8/4s'), verdict, cost, 1)).toBe(expected)
  })

  it.each([
    ['5/3s', 3],
    ['5/3s', 5],
    ['9/1s', 7],
  ])('of %s in %i segments waits exactly as long as it says', (limit, segments) => {
    const question = fc.record({ gap: fc.nat(2 * S), cost: fc.integer({ min: 1, max: 5 }) })
    const rule = compile(limit, segments)
    fc.assert(
      fc.property(fc.array(question, { maxLength: 20 }), (questions) => expectExactWaits(rule, questions)),
    )
  })
})

describe('slidingLog', () => {
  it('has a segment for every unit, so that each instant is an entry', () => {
    const rule = compileRule({ limit: '5/15m', algorithm: 'sliding-log' }, 'rule')
    expect(rule.terms).toEqual({ limit: 5, windowUs: 900 * S, segments: 5, length: 1 })
    expect(rule.algorithm).toBe(slidingLog)
    expect(slidingLog.kind).toBe(slidingWindow.kind)
  })
})
