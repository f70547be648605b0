import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { Rule, RuleOptions } from '../../src/core/rule.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import type { BudgetRequest, Refund, Verdicts } from '../../src/core/store.ts'
import { type Leases, withDenyCache, withLeases } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { segmentsOf } from '../oracle/spec.ts'
import { turn } from '../resilience/controllable-store.ts'
import { DistantStore } from '../resilience/distant-store.ts'
import { buckets, fixedWindows, freshBudget, slidingLogs, slidingWindows, windowUs } from './arbitraries.ts'

/** Some calls of one holder, and what befalls it before them. */
interface Step {
  readonly holder: number
  /** How much later, in 64ths of the lifetime, and microseconds. */
  readonly part: number
  readonly us: number
  readonly calls: number
  readonly cost: number
  readonly event: (typeof events)[number]
}

const events = [
  'none',
  'none',
  'none',
  'near',
  'far',
  'lose',
  'stall',
  'crash',
  'release',
  'refund',
  'refund',
] as const

const step: fc.Arbitrary<Step> = fc.record({
  holder: fc.nat(2),
  part: fc.oneof(
    { weight: 12, arbitrary: fc.nat(4) },
    { weight: 3, arbitrary: fc.nat(70) },
    fc.constant(1200),
  ),
  us: fc.nat(2),
  calls: fc.integer({ min: 1, max: 20 }),
  cost: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 5 })),
  event: fc.constantFrom(...events),
})

const scenario = fc.record({
  steps: fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
  max: fc.constantFrom(1, 4, 20, 1000),
  /** Lifetimes for one window. */
  lifetimes: fc.constantFrom(2, 4, 16),
  memory: fc.boolean(),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never

interface Spend {
  readonly atUs: number
  readonly cost: number
  readonly isLeased: boolean
  readonly refund: Refund
}

class Holder {
  readonly store: DistantStore
  readonly leases: Leases
  #isAlive = true

  constructor(clock: Clock, store: DistantStore) {
    const own: Clock = {
      now: clock.now,
      after: (ms, callback) => clock.after(ms, () => this.#isAlive && callback()),
    }
    this.store = store
    this.leases = withLeases(withDenyCache(store, { clock: own }), { clock: own, deadlineMs: 1e9 })
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  crash(): void {
    this.#isAlive = false
  }
}

/** Several holders of leases on one key of one store. */
class Fleet {
  readonly spends: Spend[] = []
  readonly stores: DistantStore[] = []
  readonly budget: Budget
  readonly clock = manualClock()
  admitted = 0
  leased = 0
  readonly #holders: Holder[] = []
  readonly #origin
  #refunds = 0

  constructor(rule: RuleOptions, { max, lifetimes, memory }: Scenario) {
    const budget = freshBudget(rule)
    const lifetimeUs = Math.max(1, Math.floor(windowUs(budget) / lifetimes))
    this.budget = { ...budget, lease: { max, lifetimeUs } }
    this.#origin = memory ? memoryStore({ clock: this.clock }) : new ReferenceStore(this.clock)
    for (let i = 0; i < 3; i++) this.#start(i)
  }

  get lifetimeUs(): number {
    return this.budget.lease?.lifetimeUs ?? 0
  }

  async run({ holder: i, part, us, calls, cost, event }: Step): Promise<void> {
    const byUs = Math.floor((this.lifetimeUs * part) / 64) + us
    const holder = this.#holders[i] as Holder
    this.#befall(i, event)
    // A stalled process does nothing while its time passes.
    if (event !== 'stall') for (let n = 0; n < 3; n++) await this.#pass(Math.floor(byUs / 3))
    else this.clock.advanceUs(2 * byUs)
    const current = this.#holders[i] as Holder
    for (let n = 0; n < calls; n++) {
      this.#call(current, cost)
      if (n % 3 === 2) await turn()
    }
    await turn()
    if (event === 'lose') holder.store.manner = 'answer'
  }

  async #pass(us: number): Promise<void> {
    this.clock.advanceUs(us)
    await turn()
  }

  #start(i: number): void {
    const store = new DistantStore(this.clock, this.#origin)
    this.stores.push(store)
    this.#holders[i] = new Holder(this.clock, store)
  }

  #befall(i: number, event: Step['event']): void {
    const { store, leases } = this.#holders[i] as Holder
    if (event === 'near') store.thereUs = store.backUs = 0
    if (event === 'far') {
      store.thereUs = Math.floor(this.lifetimeUs / 5)
      store.backUs = Math.floor(this.lifetimeUs / 3)
    }
    if (event === 'lose') store.manner = 'lose'
    if (event === 'release') void leases.release()
    if (event === 'refund') void this.#refund(leases)
    if (event !== 'crash') return
    this.#holders[i]?.crash()
    this.#start(i)
  }

  /** Takes a spend back: it counts as if it had not been. */
  async #refund(leases: Leases): Promise<void> {
    const [spend] = this.spends.splice(Math.floor(this.spends.length / 2), 1)
    if (spend !== undefined) await leases.refund([spend.refund])
  }

  #call(holder: Holder, cost: number): void {
    const request: BudgetRequest = { budget: this.budget, key: 'key', cost }
    const held = holder.leases.decideAtOnce('consume', [request])
    if (held !== null) this.#note(request, held)
    else {
      const answer = holder.leases.decide('consume', [request])
      void answer.then((verdicts) => holder.isAlive && this.#note(request, verdicts))
    }
  }

  #note({ budget, key, cost }: BudgetRequest, { now, numbers, source }: Verdicts): void {
    for (let r = 0; r < budget.rules.length; r++) if (numbers[r * VERDICT_SIZE] !== 0) return
    const isLeased = source === 'lease'
    this.admitted += cost
    if (isLeased) this.leased += cost
    const rules = budget.rules.map((_, r) => ruleReceiptOf(numbers, r * VERDICT_SIZE, now))
    const refund = { budget, key, cost, rules, id: `spend-${++this.#refunds}` }
    // What the store decided, it decided at its own time.
    this.spends.push({ atUs: isLeased ? this.clock.now() : now, cost, isLeased, refund })
  }
}

/** Whether so many units may be admitted in a closed interval of so many microseconds. */
type Bound = (budget: Budget, units: number, us: number) => boolean

describe('G8 leases', () => {
  it('of a bucket admit at most B + N·(t + T)/W in any interval of length t', () =>
    check(buckets, (budget, units, us) => {
      const { limit, capacity } = budget.rules[0] as Rule
      return BigInt(units - capacity) * BigInt(windowUs(budget)) <= BigInt(limit) * BigInt(us)
    }))

  it('of a fixed window admit at most 2N in any t + T shorter than the window', () =>
    check(fixedWindows, (budget, units, us) => us >= windowUs(budget) || units <= 2 * limitOf(budget)))

  it('of a sliding window admit at most N in any t + T of W·(1 − 1/s)', () =>
    check(slidingWindows, (budget, units, us) => {
      const segments = segmentsOf(budget.rules[0] as Rule)
      return us * segments > windowUs(budget) * (segments - 1) || units <= limitOf(budget)
    }))

  it('of a sliding log admit at most N in any t + T shorter than the window', () =>
    check(slidingLogs, (budget, units, us) => us >= windowUs(budget) || units <= limitOf(budget)))

  it('of a window since the epoch admit at most N in each window: none is spent past its edge', async () => {
    const epochWindows = fixedWindows.map((rule): RuleOptions => ({ ...rule, align: 'epoch' }))
    await fc.assert(
      fc.asyncProperty(lively(epochWindows), scenario, async (rule, { steps, ...rest }) => {
        const fleet = await history(rule, { steps, ...rest })
        const windows = new Map<number, number>()
        for (const { atUs, cost } of fleet.spends) {
          const window = Math.floor(atUs / windowUs(fleet.budget))
          windows.set(window, (windows.get(window) ?? 0) + cost)
        }
        expect(Math.max(0, ...windows.values())).toBeLessThanOrEqual(limitOf(fleet.budget))
      }),
      { numRuns: 100 },
    )
  })
})

/** Rules of so many units in so short a window that leases are worth it, and end within a history. */
const lively = (rules: fc.Arbitrary<RuleOptions>): fc.Arbitrary<RuleOptions> =>
  fc
    .tuple(rules, fc.integer({ min: 10, max: 300 }), fc.constantFrom(3, 60, 1000, 7000))
    .map(([rule, limit, window]) => ({
      ...rule,
      limit: { limit, window },
      ...(rule.burst && { burst: rule.burst * 5 }),
    }))

async function check(rules: fc.Arbitrary<RuleOptions>, bound: Bound): Promise<void> {
  let leased = 0
  await fc.assert(
    fc.asyncProperty(lively(rules), scenario, async (rule, scene) => {
      const fleet = await history(rule, scene)
      const { spends, budget, lifetimeUs } = fleet
      leased += fleet.leased
      spends.sort((a, b) => a.atUs - b.atUs)
      for (const [first, from] of spends.entries()) {
        let units = 0
        for (const { atUs, cost } of spends.slice(first)) {
          units += cost
          const us = atUs - from.atUs
          // Not `expect`, which takes longer than all the rest.
          if (!bound(budget, units, us + lifetimeUs)) throw new Error(`${units} units in ${us} µs`)
        }
      }
    }),
    { numRuns: 100 },
  )
  expect(leased).toBeGreaterThan(3000)
}

/** What happened; the total is never more than what was granted and not given back. */
async function history(rule: RuleOptions, scene: Scenario): Promise<Fleet> {
  const fleet = new Fleet(rule, scene)
  for (const one of scene.steps) await fleet.run(one)
  const granted = fleet.stores.reduce((sum, store) => sum + store.granted + store.consumed, 0)
  expect(fleet.admitted).toBeLessThanOrEqual(granted)
  return fleet
}

function limitOf(budget: Budget): number {
  return budget.rules[0]?.limit ?? 0
}
