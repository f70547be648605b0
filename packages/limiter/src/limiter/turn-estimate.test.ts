import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REMAINING, RESET, VERDICT_SIZE, WAIT } from '../core/algorithm.ts'
import { budgetOf } from '../core/budget.ts'
import type { Decision } from '../core/decision.ts'
import { compileRule, type RuleOptions } from '../core/rule.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'
import {
  capacityDenial,
  earliestTurnUs,
  type FrontDenial,
  isAboveCapacity,
  queuedDenial,
} from './turn-estimate.ts'

const SECOND = 1_000_000

describe('earliestTurnUs', () => {
  it.each([
    ['a unit a second', [{ limit: '1/s' }], 1, 11, 10_999],
    ['a bucket', [{ limit: '1/s', burst: 3 }], 3, 8, 7999],
    ['the slowest of several rules', [{ limit: '1/s' }, { limit: '2/min', name: 'm' }], 1, 5, 59_999],
    ['half a window of many units, whose segments nobody knows', [{ limit: '10/s' }], 10, 30, 1999],
    ['half a day of the calendar', [{ limit: '1/day' }], 1, 3, 2 * 86_400_000 - 1],
  ])('counts %s', (_, rules, spent, units, ms) => {
    const { ask, clock } = bench(rules)
    const start = clock.now()
    for (let i = 0; i < spent; i++) expect(ask(1).allowed).toBe(true)
    expect(earliestTurnUs({ decision: ask(1), calledAtUs: start }, units)).toBe(start + ms * 1000)
  })

  it('knows that a unit may leave with an older segment', () => {
    const { ask, clock } = bench([{ limit: '3/10s', segments: 2 }])
    ask(1)
    clock.advance('9s')
    ask(2)
    const frontDenial = { decision: ask(1), calledAtUs: clock.now() }
    clock.advance('1s')
    expect(ask(1).allowed).toBe(true)
    clock.advance('9s')
    expect(ask(3).allowed).toBe(true)
    expect(earliestTurnUs(frontDenial, 4)).toBeLessThan(clock.now())
  })

  it('is never later than the turn of anybody who stands behind', () => {
    fc.assert(
      fc.property(scenario, ({ rules, spends, costs }) => {
        const { ask, clock, capacity } = bench(rules)
        for (const [cost, gapMs] of spends) {
          ask(Math.min(cost, capacity))
          clock.advanceUs(gapMs * 1000)
        }
        const waiting = costs.map((cost) => Math.min(cost, capacity))
        const bounds = waiting.map(() => 0)
        for (let front = 0; front < waiting.length; ) {
          const decision = ask(waiting[front] as number)
          if (decision.allowed) {
            expect(clock.now()).toBeGreaterThan(bounds[front] as number)
            front++
            continue
          }
          let units = 0
          for (let i = front; i < waiting.length; i++) {
            units += waiting[i] as number
            const bound = earliestTurnUs({ decision, calledAtUs: clock.now() }, units)
            bounds[i] = Math.max(bounds[i] as number, bound)
          }
          clock.advanceUs(ask.waitUs)
        }
      }),
      { numRuns: 500, seed: 11 },
    )
  })
})

describe('queuedDenial', () => {
  const frontDenial = (waitMs: number, rules: Decision['rules']): FrontDenial => ({
    calledAtUs: 0,
    decision: { ...denial, retryAfterMs: waitMs, rules } as Decision,
  })

  it('has the cost of who asks, and a wait that counts those before it', () => {
    const { ask } = bench([{ limit: '1/s' }])
    ask(1)
    const decision = ask(1)
    expect(queuedDenial({ decision, calledAtUs: 0 }, 11, { cost: 2, nowUs: 0 })).toMatchObject({
      allowed: false,
      reason: 'limited',
      cost: 2,
      retryAfterMs: 11_000,
      resetAfterMs: 11_000,
      rules: [{ retryAfterMs: 11_000, resetAfterMs: 11_000 }],
    })
  })

  it('counts down from the time of the denial, and keeps the slack of the timers', () => {
    const rules = [view('a', { limit: 1, windowMs: 1000 }, 1000)]
    const at = { cost: 1, nowUs: 0.25 * SECOND }
    expect(queuedDenial(frontDenial(1001, rules), 3, at)).toMatchObject({
      retryAfterMs: 2751,
      rules: [{ retryAfterMs: 2750, resetAfterMs: 4750 }],
    })
  })

  it('is bound by the rule that takes longest for those before it', () => {
    const rules = [
      view('fast', { limit: 10, windowMs: 1000 }, 500),
      view('slow', { limit: 1, windowMs: 60_000 }, 0),
    ]
    expect(queuedDenial(frontDenial(500, rules), 3, { cost: 1, nowUs: 0 })).toMatchObject({
      rule: 'slow',
      retryAfterMs: 120_000,
      rules: [{ retryAfterMs: 700 }, { retryAfterMs: 120_000 }],
    })
  })

  it('repeats the wait of a store that cannot answer', () => {
    expect(queuedDenial(frontDenial(1000, []), 9, { cost: 4, nowUs: 0.4 * SECOND })).toMatchObject({
      cost: 4,
      retryAfterMs: 600,
      rules: [],
    })
  })

  it('never says that there is nothing to wait for', () => {
    expect(queuedDenial(frontDenial(1000, []), 9, { cost: 4, nowUs: 2 * SECOND }).retryAfterMs).toBe(1)
  })
})

describe('a cost above the capacity', () => {
  const { ask } = bench([{ limit: '100/h' }, { limit: '2/s', name: 's' }])
  ask(2)
  const decision = ask(1)

  it('is known from what another was told', () => {
    expect([2, 3].map((cost) => isAboveCapacity(decision, cost))).toEqual([false, true])
    expect(isAboveCapacity({ ...decision, source: 'fallback' } as Decision, 3)).toBe(false)
  })

  it('is denied for ever, by the rule that it is too large for', () => {
    expect(capacityDenial({ decision, calledAtUs: 0 }, 3)).toMatchObject({
      allowed: false,
      reason: 'cost-exceeds-capacity',
      rule: 's',
      limit: 2,
      cost: 3,
      retryAfterMs: null,
      rules: [{ retryAfterMs: 0 }, { retryAfterMs: null }],
    })
  })
})

const denial = { allowed: false, reason: 'limited', source: 'store', cost: 1, remaining: 0 } as const

/** One more unit remains where the rule passes, and it recovers 2 s after its wait. */
function view(
  rule: string,
  rate: Decision['rules'][number]['rate'],
  retryAfterMs: number,
): Decision['rules'][number] {
  const remaining = retryAfterMs === 0 ? 1 : 0
  return { policy: 'p', rule, limit: rate.limit, rate, remaining, retryAfterMs, resetAfterMs: 5000 }
}

const units = fc.integer({ min: 1, max: 6 })
const seconds = fc.integer({ min: 1, max: 9 })
const rate = fc.tuple(units, seconds).map(([limit, s]) => `${limit}/${s}s`)
const ruleOptions = fc.oneof(
  fc.record({ limit: rate, segments: fc.integer({ min: 2, max: 6 }) }),
  fc.record({ limit: rate, algorithm: fc.constantFrom('sliding-log', 'fixed-window') }),
  fc.record({ limit: rate, algorithm: fc.constant('fixed-window'), align: fc.constant('epoch' as const) }),
  fc.record({ limit: rate, burst: fc.integer({ min: 1, max: 12 }) }),
)
const scenario = fc.record({
  rules: fc.array(ruleOptions, { minLength: 1, maxLength: 3 }),
  spends: fc.array(fc.tuple(units, fc.integer({ min: 0, max: 3000 })), { maxLength: 8 }),
  costs: fc.array(units, { minLength: 1, maxLength: 12 }),
})

interface Ask {
  (cost: number): Decision
  /** The exact wait of the last denial. */
  waitUs: number
}

/** Decisions of a store in memory on one key, as a limiter on a manual clock would tell them. */
function bench(options: readonly RuleOptions[]): { ask: Ask; clock: ManualClock; capacity: number } {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const rules = options.map((one, i) => compileRule({ ...one, name: one.name ?? `r${i}` }, 'rule'))
  const budget = budgetOf('p', rules)
  const ask: Ask = Object.assign(
    (cost: number): Decision => {
      const { numbers } = store.decideSync('consume', [{ budget, key: 'k', cost }])
      const number = (i: number, what: number): number => numbers[i * VERDICT_SIZE + what] as number
      const views = rules.map(({ name, capacity, limit, windowMs }, i) => ({
        policy: 'p',
        rule: name,
        limit: capacity,
        rate: { limit, windowMs },
        remaining: number(i, REMAINING),
        retryAfterMs: Math.ceil(number(i, WAIT) / 1000),
        resetAfterMs: Math.ceil(number(i, RESET) / 1000),
      }))
      ask.waitUs = Math.max(...rules.map((_, i) => number(i, WAIT)))
      const allowed = ask.waitUs === 0
      const retryAfterMs = Math.ceil(ask.waitUs / 1000)
      return { ...denial, allowed, cost, rules: views, retryAfterMs } as unknown as Decision
    },
    { waitUs: 0 },
  )
  return { ask, clock, capacity: Math.min(...rules.map(({ capacity }) => capacity)) }
}
