import type { Budget } from '../../src/core/budget.ts'
import type { BudgetKey, BudgetRequest } from '../../src/core/store.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { modelOf } from '../oracle/models.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { type Answer, applySync, isAdmission, type Operation, type Subject, standingAt } from './operation.ts'
import { RandomPolicy } from './policy.ts'
import type { Random } from './random.ts'
import { scales } from './random-rules.ts'
import { Receipts, type SpendRefund } from './receipts.ts'

/** An operation with the answer of the model; `edge` when it was aimed at an instant at which something changes. */
export interface Step {
  readonly operation: Operation
  readonly expected: Answer
  readonly edge: boolean
}

/** A spend that may be taken back. */
interface Spend extends BudgetRequest {
  readonly spend: number
  readonly policy: RandomPolicy
  readonly recoversAt: number
}

const HOUR_US = 3_600_000_000
const KEYS = ['a', 'b', 'c', '{d}', 'é']
const MAX = Number.MAX_SAFE_INTEGER
const SPENDS_KEPT = 24
// Begins in 2026 to 2036.
const FIRST_US = 1_767_225_600_000_000
// Debts reach 2^52 µs into the future, and every sum of times must stay below 2^53.
const LAST_US = 2 ** 52 - 1000 * HOUR_US

/** One stretch of random traffic over a few policies and keys; the model runs along and tells where the edges are. */
export class Traffic {
  readonly start: number
  readonly #random: Random
  readonly #scale: number
  /** In 100 moves of the clock, how many are made: where it stands, much comes together at a key. */
  readonly #pace: number
  readonly #keys: readonly string[]
  readonly #clock: ManualClock
  readonly #model: Subject<ReferenceStore>
  readonly #policies: readonly RandomPolicy[]
  readonly #spends: Spend[] = []
  #lastSpend = 0

  constructor(random: Random) {
    this.#random = random
    this.#scale = random.below(scales.length)
    const isCrowded = random.percent(15)
    this.#pace = isCrowded ? 8 : random.pick([100, 40, 15])
    this.#keys = isCrowded ? ['a'] : KEYS.slice(random.pick([0, 3, 3, 4]))
    this.start = FIRST_US + random.below(3650) * 24 * HOUR_US + random.below(24 * HOUR_US)
    this.#clock = manualClock(this.start)
    this.#model = { store: new ReferenceStore(this.#clock), clock: this.#clock, receipts: new Receipts() }
    const count = isCrowded ? 1 : random.between(1, 3)
    this.#policies = Array.from({ length: count }, (_, i) => {
      const variety = isCrowded ? 95 : random.pick([0, 0, 10, 60])
      return new RandomPolicy(`p${i}`, random, { scale: this.#scale, variety })
    })
  }

  next(): Step {
    const random = this.#random
    if (random.percent(1)) random.pick(this.#policies).change()
    const roll = random.below(100)
    if (roll < 9 && this.#spends.length > 0) return this.#refund()
    const requests = this.#requests()
    const [only] = requests
    if (roll < 11) return this.#step({ verb: 'reset', now: 0, keys: requests }, this.#move())
    if (random.percent(2)) return this.#block(requests)
    const edge = random.percent(85) ? this.#moveToEdge(requests) : this.#move()
    const spend = ++this.#lastSpend
    if (roll < 18) return this.#step({ verb: 'charge', now: 0, requests, spend }, edge)
    if (roll < 24) return this.#step({ verb: 'credit', now: 0, requests, spend }, edge)
    if (roll < 29 && requests.length === 1 && only !== undefined && takesLeases(only.budget)) {
      const min = Math.max(1, Math.min(only.cost, random.pick([1, 1, 2, only.cost])))
      const request = { ...only, cost: Math.max(min, only.cost) }
      return this.#step({ verb: 'acquire', now: 0, requests: [request], min, spend }, edge)
    }
    const verb = random.percent(15) ? 'peek' : 'consume'
    const isBlameless = random.percent(10)
    const asked = isBlameless ? requests.map((request) => ({ ...request, blameless: true })) : requests
    return this.#step({ verb, now: 0, requests: asked, spend }, edge)
  }

  /** Mostly short: behind a long one nothing is seen of the rules. */
  #block(keys: readonly BudgetKey[]): Step {
    const random = this.#random
    const window = (scales[this.#scale]?.[0] ?? 1) * 1000
    const lengthUs = random.pick([0, 1, random.between(1, window), random.between(1, window * 3)])
    return this.#step({ verb: 'block', now: 0, keys, lengthUs }, this.#move())
  }

  #step(planned: Operation, edge: boolean): Step {
    const operation = { ...planned, now: this.#clock.now() }
    const expected = applySync(this.#model, operation)
    if (operation.verb === 'consume' || operation.verb === 'charge')
      this.#remember(operation.spend, operation.requests, expected)
    if (operation.verb === 'acquire') {
      const cost = expected.at(-1) as number
      this.#remember(operation.spend, [{ ...operation.requests[0], cost }], expected.slice(0, -1))
    }
    return { operation, expected, edge }
  }

  /** Moves the clock, mostly a little, sometimes back or by hours. Never to an edge, but by chance. */
  #move(): boolean {
    const random = this.#random
    if (!random.percent(this.#pace)) return false
    const window = (scales[this.#scale]?.[0] ?? 1) * 1000
    const roll = random.below(100)
    let by = 0
    if (roll < 34) by = random.below(window)
    else if (roll < 40) by = random.below(random.pick([1000, 1_000_000]))
    else if (roll < 44) by = random.below(window * 12)
    else if (roll < 45) by = random.between(1, 5) * HOUR_US + random.below(1000)
    else if (roll < 49) by = -random.below(window * 3)
    else if (roll < 51) by = -random.between(1, 5) * HOUR_US
    this.#set(this.#clock.now() + by)
    return false
  }

  /** Moves to the end of a wait or of a recovery of what is asked, or a quantum or a microsecond beside it. */
  #moveToEdge(requests: readonly BudgetRequest[]): boolean {
    const random = this.#random
    const now = this.#clock.now()
    const answer = this.#peek(requests)
    const edges = requests
      .flatMap(({ budget }) => budget.rules)
      .map((rule, i) => {
        const { wait, reset } = standingAt(answer, i)
        // Who waits for recovery too often meets nothing but empty keys.
        return { rule, distance: wait > 0 ? wait : random.percent(70) ? reset : 0 }
      })
      .filter(({ distance }) => distance > 0 && now + distance < LAST_US)
    // A long way would let everything else recover, so it is taken less often.
    const near = edges.filter(({ distance }) => distance <= this.#nearUs())
    const from = near.length > 0 || random.percent(75) ? near : edges
    if (from.length === 0 || !random.percent(Math.min(2 * this.#pace, 90))) return this.#move()
    const { rule, distance } = random.pick(from)
    return this.#land(now + distance, Number(modelOf(rule).quantum))
  }

  #nearUs(): number {
    return (scales[this.#scale]?.at(-2) ?? 0) * 1000
  }

  /** Lands on an instant, or a quantum or a microsecond beside it. */
  #land(at: number, quantum: number): true {
    this.#set(at + this.#random.pick([0, 0, 0, -quantum, -quantum, quantum, -1, 1]))
    return true
  }

  /** Begins again where times would get too large. */
  #set(at: number): void {
    this.#clock.set(at < LAST_US ? at : this.start)
  }

  #peek(requests: readonly BudgetRequest[]): Answer {
    return applySync(this.#model, { verb: 'peek', now: this.#clock.now(), requests, spend: 0 })
  }

  #requests(): BudgetRequest[] {
    const random = this.#random
    const count = random.percent(80) ? 1 : random.between(2, 3)
    const requests: BudgetRequest[] = []
    for (let i = 0; i < count; i++) {
      const policy = random.pick(this.#policies)
      const key = random.pick(this.#keys)
      if (requests.some((one) => one.budget.policy === policy.name && one.key === key)) continue
      const budget = policy.budget()
      requests.push({ budget, key, cost: this.#cost({ budget, key }) })
    }
    return requests
  }

  #cost({ budget, key }: BudgetKey): number {
    const random = this.#random
    const roll = random.below(100)
    if (roll < 50) return random.between(1, 3)
    if (roll < 58) return 0
    const { capacity } = random.pick(budget.rules)
    if (roll < 66) return Math.max(0, capacity + random.pick([0, 0, 1, -1]))
    if (roll < 72) return random.between(1, capacity)
    if (roll < 74) return random.pick([MAX, 2 ** 51, 2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1])
    const { remaining } = standingAt(
      this.#peek([{ budget, key, cost: 0 }]),
      random.below(budget.rules.length),
    )
    return Math.max(0, remaining + random.pick([0, 0, 1, -1]))
  }

  #remember(spend: number, requests: readonly BudgetRequest[], answer: Answer): void {
    if (!isAdmission(requests, answer)) return
    let first = 0
    for (const { budget, key, cost } of requests) {
      const { reset } = standingAt(answer, first)
      first += budget.rules.length
      const policy = this.#policies.find(({ name }) => name === budget.policy) as RandomPolicy
      if (cost > 0)
        this.#spends.push({ spend, policy, budget, key, cost, recoversAt: this.#clock.now() + reset })
      if (this.#spends.length > SPENDS_KEPT) this.#spends.shift()
    }
  }

  #refund(): Step {
    const random = this.#random
    let edge = false
    const refunds = Array.from({ length: random.percent(85) ? 1 : 2 }, (): SpendRefund => {
      const now = this.#clock.now()
      const live = this.#spends.filter((one) => one.recoversAt > now)
      const {
        policy,
        key,
        cost,
        spend,
        recoversAt,
        budget: own,
      } = random.pick(live.length > 0 && random.percent(80) ? live : this.#spends)
      const isNear = Math.abs(recoversAt - now) < this.#nearUs()
      edge =
        isNear && random.percent(30)
          ? this.#land(recoversAt, 1)
          : edge || (random.percent(50) && this.#move())
      const budget: Budget = random.percent(70) ? own : policy.budget()
      return { budget, key, cost: random.percent(75) ? cost : random.between(1, cost), spend }
    })
    return this.#step({ verb: 'refund', now: 0, refunds }, edge)
  }
}

/** Policies in shadow, with a rule in shadow or with overdraw take none. */
function takesLeases({ enforces, overdraw, rules }: Budget): boolean {
  return enforces && !overdraw && rules.every(({ shadow }) => !shadow)
}
