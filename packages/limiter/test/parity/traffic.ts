import { type Budget, budgetOf } from '../../src/core/budget.ts'
import type { Rule } from '../../src/core/rule.ts'
import { type Ask, type Refund, VERDICT } from '../../src/core/store.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { modelOf } from '../oracle/models.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { type Answer, applySync, type Operation } from './operation.ts'
import type { Random } from './random.ts'
import { changeRule, compileDraft, type Draft, draftRule, scales } from './random-rules.ts'

/** An operation with the answer of the model; `edge` when it was aimed at an instant at which something changes. */
export interface Step {
  readonly operation: Operation
  readonly expected: Answer
  readonly edge: boolean
}

interface Policy {
  readonly name: string
  drafts: readonly Draft[]
  /** The configuration in force, and one that some callers still use. */
  current: Budget
  previous: Budget
}

interface Receipt extends Omit<Refund, 'budget' | 'marks'> {
  readonly policy: Policy
  readonly marks: ReadonlyMap<string, Refund['marks'][number]>
}

const HOUR_US = 3_600_000_000
const KEYS = ['a', 'b', 'c', '{d}', 'é']
const RULES = ['a', 'b', 'constructor']
const MAX = Number.MAX_SAFE_INTEGER
// Begins in 2026 to 2036.
const FIRST_US = 1_767_225_600_000_000
// Debts reach 2^52 µs into the future, and every sum of times must stay below 2^53.
const LAST_US = 2 ** 52 - 1000 * HOUR_US

/** One stretch of random traffic over a few policies and keys; the model runs along and tells where the edges are. */
export class Traffic {
  readonly start: number
  readonly #random: Random
  readonly #scale: number
  readonly #clock: ManualClock
  readonly #model: ReferenceStore
  readonly #policies: readonly Policy[]
  readonly #receipts: Receipt[] = []
  #spends = 0

  constructor(random: Random) {
    this.#random = random
    this.#scale = random.below(scales.length)
    this.start = FIRST_US + random.below(3650) * 24 * HOUR_US + random.below(24 * HOUR_US)
    this.#clock = manualClock(this.start)
    this.#model = new ReferenceStore(this.#clock)
    this.#policies = Array.from({ length: random.between(1, 3) }, (_, i) => this.#policy(`p${i}`))
  }

  next(): Step {
    const random = this.#random
    if (random.percent(3)) this.#change(random.pick(this.#policies))
    const roll = random.below(100)
    if (roll < 9 && this.#receipts.length > 0) return this.#refund()
    const asks = this.#asks()
    if (roll < 11) return this.#step({ verb: 'reset', now: 0, asks }, this.#move())
    const edge = random.percent(75) ? this.#moveToEdge(asks) : this.#move()
    if (roll < 19) return this.#step({ verb: 'charge', now: 0, asks }, edge)
    const [only] = asks
    if (roll < 24 && asks.length === 1 && only !== undefined) {
      const least = Math.max(1, Math.min(only.cost, random.pick([1, 1, 2, only.cost])))
      return this.#step(
        { verb: 'take', now: 0, asks: [{ ...only, cost: Math.max(1, only.cost) }], least },
        edge,
      )
    }
    return this.#step({ verb: random.percent(15) ? 'peek' : 'consume', now: 0, asks }, edge)
  }

  #step(planned: Operation, edge: boolean): Step {
    const operation = { ...planned, now: this.#clock.now() }
    const expected = applySync(this.#model, this.#clock, operation)
    if (operation.verb === 'consume' || operation.verb === 'charge') this.#remember(operation.asks, expected)
    if (operation.verb === 'take') {
      const cost = expected.at(-1) as number
      this.#remember([{ ...operation.asks[0], cost }], expected.slice(0, -1))
    }
    return { operation, expected, edge }
  }

  /** Moves the clock, mostly a little, sometimes back or by hours. Never to an edge, but by chance. */
  #move(): boolean {
    const random = this.#random
    const window = (scales[this.#scale]?.[0] ?? 1) * 1000
    const roll = random.below(100)
    let by = 0
    if (roll < 34) by = random.below(window)
    else if (roll < 40) by = random.below(random.pick([1000, 1_000_000]))
    else if (roll < 55) by = random.below(window * 12)
    else if (roll < 58) by = random.between(1, 5) * HOUR_US + random.below(1000)
    else if (roll < 62) by = -random.below(window * 3)
    else if (roll < 64) by = -random.between(1, 5) * HOUR_US
    const now = this.#clock.now() + by
    this.#clock.set(now < LAST_US ? now : this.start)
    return false
  }

  /** Moves to the end of a wait or of a recovery of what is asked, or a quantum or a microsecond beside it. */
  #moveToEdge(asks: readonly Ask[]): boolean {
    const random = this.#random
    const now = this.#clock.now()
    const numbers = Array.from(this.#model.decideSync('peek', asks).numbers)
    const edges = asks
      .flatMap(({ budget }) => budget.rules)
      .map((rule, i) => {
        const [wait = 0, , reset = 0] = numbers.slice(i * VERDICT)
        return { rule, distance: wait > 0 ? wait : reset }
      })
      .filter(({ distance }) => distance > 0 && now + distance < LAST_US)
    // A long way would let everything else recover, so it is taken less often.
    const near = edges.filter(({ distance }) => distance <= (scales[this.#scale]?.at(-2) ?? 0) * 1000)
    const from = near.length > 0 || random.percent(75) ? near : edges
    if (from.length === 0) return this.#move()
    const { rule, distance } = random.pick(from)
    return this.#land(now + distance, Number(modelOf(rule).quantum))
  }

  /** Lands on an instant, or a quantum or a microsecond beside it. */
  #land(at: number, quantum: number): true {
    if (at > LAST_US) this.#clock.set(this.start)
    else this.#clock.set(at + this.#random.pick([0, 0, 0, -quantum, -quantum, quantum, -1, 1]))
    return true
  }

  #asks(): Ask[] {
    const random = this.#random
    const count = random.percent(80) ? 1 : random.between(2, 3)
    const asks: Ask[] = []
    for (let i = 0; i < count; i++) {
      const policy = random.pick(this.#policies)
      const budget = random.percent(88) ? policy.current : policy.previous
      const key = random.pick(KEYS)
      if (asks.some((ask) => ask.budget.policy === policy.name && ask.key === key)) continue
      asks.push({ budget, key, cost: this.#cost(budget, key) })
    }
    return asks
  }

  #cost(budget: Budget, key: string): number {
    const random = this.#random
    const roll = random.below(100)
    if (roll < 50) return random.between(1, 3)
    if (roll < 58) return 0
    const { capacity } = random.pick(budget.rules)
    if (roll < 66) return Math.max(0, capacity + random.pick([0, 0, 1, -1]))
    if (roll < 72) return random.between(1, capacity)
    if (roll < 74) return random.pick([MAX, 2 ** 51, 2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1])
    const { numbers } = this.#model.decideSync('peek', [{ budget, key, cost: 0 }])
    const left = numbers[random.below(budget.rules.length) * VERDICT + 1] as number
    return Math.max(0, left + random.pick([0, 0, 1, -1]))
  }

  #remember(asks: readonly Ask[], expected: Answer): void {
    const now = this.#clock.now()
    // One name for the whole decision, as in a receipt: each of its keys can be taken back once.
    const id = `r${++this.#spends}`
    let at = 0
    for (const { budget, key, cost } of asks) {
      const rules = budget.rules.map(({ name }, i) => {
        const reset = expected[at + i * VERDICT + 2] as number
        return [name, { takenAtUs: now, recoveredAtUs: now + reset }] as const
      })
      at += rules.length * VERDICT
      if (cost === 0 || !expected.every((number, i) => i % VERDICT !== 0 || number === 0)) continue
      const policy = this.#policies.find(({ name }) => name === budget.policy) as Policy
      this.#receipts.push({ policy, key, cost, id, marks: new Map(rules) })
      if (this.#receipts.length > 24) this.#receipts.shift()
    }
  }

  #refund(): Step {
    const random = this.#random
    let edge = false
    const refunds = Array.from({ length: random.percent(85) ? 1 : 2 }, (): Refund => {
      const { policy, key, cost, id, marks } = random.pick(this.#receipts.slice(random.percent(70) ? -4 : 0))
      const recovered = [...marks.values()].map((mark) => mark?.recoveredAtUs ?? 0)[0] ?? 0
      const near = Math.abs(recovered - this.#clock.now()) < (scales[this.#scale]?.at(-2) ?? 0) * 1000
      edge = near && random.percent(30) ? this.#land(recovered, 1) : edge || this.#move()
      const budget = random.percent(85) ? policy.current : policy.previous
      return { budget, key, cost, id, marks: budget.rules.map(({ name }) => marks.get(name)) }
    })
    return this.#step({ verb: 'refund', now: 0, refunds }, edge)
  }

  #policy(name: string): Policy {
    const random = this.#random
    const drafts = RULES.slice(0, random.pick([1, 1, 1, 2, 3])).map((rule) =>
      draftRule(random, rule, this.#scale),
    )
    const current = budgetFrom(name, drafts)
    if (current === null) return this.#policy(name)
    return { name, drafts, current, previous: current }
  }

  #change(policy: Policy): void {
    const random = this.#random
    const rules = [...policy.drafts]
    const index = random.below(rules.length)
    const roll = random.below(10)
    if (roll === 0) rules.reverse()
    else if (roll === 1 && rules.length > 1) rules.splice(index, 1)
    else if (roll === 2) {
      const free = RULES.find((name) => !rules.some((rule) => rule.name === name))
      if (free !== undefined) rules.unshift(draftRule(random, free, this.#scale))
    } else rules[index] = changeRule(random, rules[index] as Draft, this.#scale)
    const budget = budgetFrom(policy.name, rules)
    if (budget === null) return
    Object.assign(policy, { drafts: rules, previous: policy.current, current: budget })
  }
}

function budgetFrom(policy: string, drafts: readonly Draft[]): Budget | null {
  const rules = drafts.map(compileDraft)
  return rules.includes(null) ? null : budgetOf(policy, rules as Rule[])
}
