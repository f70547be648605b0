/** Decisions across several stores, beside one store that has all of it: what the guarantees of G3 and G5 speak of. */
import fc from 'fast-check'
import { REMAINING, VERDICT_SIZE } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import type { BudgetKey, BudgetRequest, Refund, Store, Verb, Verdicts } from '../../src/core/store.ts'
import { type MemoryStore, memoryStore } from '../../src/stores/memory/index.ts'
import { SplitStore } from '../../src/stores/split/split-store.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { anyRule, freshBudget, type Question } from './arbitraries.ts'

/** What a part does to a call: carries it out, refuses it, or carries it out and loses the answer. */
export type Manner = 'answer' | 'refuse' | 'lose'

/** A memory store that can fail as a server does. */
export class FallibleStore implements Store {
  readonly inner: MemoryStore
  decides: Manner = 'answer'
  refunds: Manner = 'answer'
  /** How many spends were given back. */
  refunded = 0
  /** Runs before a refund is carried out: time passes, or somebody else comes first. */
  beforeRefund = (): void => {}

  constructor(clock: ManualClock) {
    this.inner = memoryStore({ clock })
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    return this.#as(verb === 'peek' ? 'answer' : this.decides, () => this.inner.decide(verb, requests))
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    this.beforeRefund()
    this.refunded += refunds.length
    return this.#as(this.refunds, () => this.inner.refund(refunds))
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    await this.inner.block(keys, lengthUs)
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    await this.inner.reset(keys)
  }

  async close(): Promise<void> {}

  async #as<T>(manner: Manner, call: () => Promise<T>): Promise<T> {
    if (manner === 'refuse') throw new Error('connection refused')
    const answer = await call()
    if (manner === 'lose') throw new Error('the answer was lost')
    return answer
  }
}

/** Several stores as one, and one that is told the same, with the same clock. */
export interface Across {
  readonly clock: ManualClock
  readonly parts: readonly FallibleStore[]
  readonly split: SplitStore
  readonly whole: MemoryStore
  readonly budgets: readonly Budget[]
  /** One request for each budget: the first lies in the first part, the second in the second, and so on around. */
  requests(cost: (position: number) => number): BudgetRequest[]
  /** What each part has left: remaining and reset of every rule. */
  left(of: readonly Store[]): Promise<number[][]>
}

const PARTS = 3
/** Numbers that say how a rule stands. */
const STANDING = 3

/** Budgets of one or two rules: up to one more than there are parts, so that two of them share one. */
export const rulesAcross: fc.Arbitrary<RuleOptions[][]> = fc.array(
  fc.array(anyRule, { minLength: 1, maxLength: 2 }),
  { minLength: 2, maxLength: PARTS + 1 },
)

export function across(rules: readonly (readonly RuleOptions[])[]): Across {
  const clock = manualClock()
  const parts = Array.from({ length: PARTS }, () => new FallibleStore(clock))
  const budgets = rules.map((some) => freshBudget(...some))
  const partOf = ({ budget }: BudgetKey): number => budgets.indexOf(budget) % PARTS
  const split = new SplitStore(parts, partOf)
  const whole = memoryStore({ clock })
  const requests = (cost: (position: number) => number): BudgetRequest[] =>
    budgets.map((budget, i) => ({ budget, key: 'key', cost: cost(i) }))
  const left: Across['left'] = (of) =>
    Promise.all(
      of.map((one) => {
        const own = requests(() => 0).filter(
          (request) => !parts.includes(one as never) || parts[partOf(request)] === one,
        )
        return standingOf(one, 'peek', own)
      }),
    )
  return { clock, parts, split, whole, budgets, requests, left }
}

/** What a decision says of each rule: wait, remaining, reset. What it says for a receipt is each store's own. */
export async function standingOf(
  store: Store,
  verb: Verb,
  requests: readonly BudgetRequest[],
): Promise<number[]> {
  const count = requests.reduce((sum, { budget }) => sum + budget.rules.length, 0)
  const numbers = Array.from((await store.decide(verb, requests)).numbers)
  return numbers.slice(0, count * VERDICT_SIZE).filter((_, i) => i % VERDICT_SIZE < STANDING)
}

export function isAdmission(standing: readonly number[]): boolean {
  return standing.every((number, i) => i % STANDING !== 0 || number === 0)
}

/** Requests of one decision that come close: mostly all that a budget has left, or one more. */
export function closeRequests({ whole, requests }: Across, { cost, us }: Question): BudgetRequest[] {
  return requests((i) => {
    if (us % 3 === 0) return 1 + (cost % (i + 2))
    const { budget, key } = requests(() => 0)[i] as BudgetRequest
    const { numbers } = whole.decideSync('peek', [{ budget, key, cost: 0 }])
    const left = Math.min(...budget.rules.map((_, r) => numbers[r * VERDICT_SIZE + REMAINING] as number))
    return Math.max(1, left - (cost % 3) + (cost % 2 === 0 && i === us % 4 ? 3 : 0))
  })
}
