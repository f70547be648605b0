/** A store as a third party would write it: a map, and nothing of Headgate but `headgate/store`. */
import {
  BLOCKED,
  type BudgetKey,
  type BudgetRequest,
  type Clock,
  NEVER,
  neededUnits,
  passes,
  RECEIPT,
  REMAINING,
  RESET,
  type Refund,
  type Rule,
  type Store,
  spendingRules,
  VERDICT_SIZE,
  type Verb,
  type Verdicts,
  WAIT,
} from '../../src/entries/store.ts'

type State = Float64Array

/** One request's rules, each with its state brought to now. */
interface Loaded {
  readonly request: BudgetRequest
  readonly states: readonly State[]
}

export class ToyStore implements Store {
  readonly #clock: Clock
  readonly #states = new Map<string, State>()
  readonly #refunded = new Set<string>()
  readonly #blockedUntil = new Map<string, number>()
  #incarnation = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async decide(verb: Verb, requests: readonly BudgetRequest[]): Promise<Verdicts> {
    const now = this.#clock.now()
    const loaded = requests.map((request) => ({ request, states: this.#load(request, now, verb !== 'peek') }))
    const waits = loaded.map((one) => one.request.budget.rules.map((rule, r) => waitOf(rule, one, r, now)))
    const isEnforced = verb === 'consume' || verb === 'peek'
    const blocks = requests.map((request) => (isEnforced ? this.#blockedFor(request, now) : 0))
    const judged = waits
      .flat()
      .flatMap((wait) => Object.assign(new Array(VERDICT_SIZE).fill(0), { [WAIT]: wait }))
    const isAdmitted = passes(requests, judged) && blocks.every((block) => block === 0)
    const spends = verb === 'charge' || (verb !== 'credit' && isAdmitted)
    const spending = verb === 'charge' ? [] : spendingRules(requests, judged)
    let n = -1
    const numbers = loaded.flatMap((one, i) =>
      one.request.budget.rules.flatMap((rule, r) => {
        n++
        const state = one.states[r] as State
        const verdict = new Float64Array(VERDICT_SIZE)
        const { algorithm, terms, capacity } = rule
        if (verb === 'credit') verdict[WAIT] = algorithm.credit(terms, state, 0, now, one.request.cost)
        else verdict[WAIT] = verb === 'charge' ? 0 : (waits[i]?.[r] as number)
        if (spends && spending[n] !== false && one.request.cost > 0) {
          algorithm.spend(terms, state, 0, now, one.request.cost, ++this.#incarnation)
          algorithm.receipt(terms, state, 0, verdict, RECEIPT)
        }
        const block = blocks[i] ?? 0
        if (block > 0) verdict[RECEIPT] = BLOCKED
        if (block > 0 && verdict[WAIT] !== NEVER) verdict[WAIT] = Math.max(verdict[WAIT] as number, block)
        const recoversAt = algorithm.recoversAt(terms, state, 0)
        verdict[REMAINING] = Math.max(0, capacity - algorithm.used(terms, state, 0, now))
        verdict[RESET] = recoversAt === 0 ? 0 : recoversAt - now
        return [...verdict]
      }),
    )
    return { now, numbers, source: 'store' }
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    return refunds.map((refund) => this.#refund(refund, this.#clock.now()))
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    for (const { budget, key } of keys) {
      const prefix = nameOf(budget.policy, key, '')
      for (const name of this.#states.keys()) if (name.startsWith(prefix)) this.#states.delete(name)
      this.#blockedUntil.delete(prefix)
    }
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    for (const { budget, key } of keys) {
      this.#blockedUntil.set(nameOf(budget.policy, key, ''), this.#clock.now() + lengthUs)
    }
  }

  #blockedFor({ budget, key }: BudgetKey, now: number): number {
    return Math.max(0, (this.#blockedUntil.get(nameOf(budget.policy, key, '')) ?? 0) - now)
  }

  async close(): Promise<void> {}

  /** The states of a request's rules: those kept, or copies where nothing is to change. */
  #load({ budget, key }: BudgetKey, now: number, keeps: boolean): State[] {
    return budget.rules.map(({ algorithm, terms, identity }) => {
      const name = nameOf(budget.policy, key, identity.text)
      const known =
        this.#states.get(name) ??
        new Float64Array(algorithm.stateSize(terms) || algorithm.variable?.sizeMax || 0)
      const state = keeps ? known : known.slice()
      if (keeps) this.#states.set(name, state)
      algorithm.advance(terms, state, 0, now)
      return state
    })
  }

  #refund({ budget, key, id, cost, rules }: Refund, now: number): number {
    const once = nameOf(budget.policy, key, id)
    if (this.#refunded.has(once)) return 0
    const states = this.#load({ budget, key }, now, true)
    const given = budget.rules.flatMap(({ algorithm, terms, shadow }, r) => {
      const [receipt, state] = [rules[r], states[r] as State]
      if (receipt === undefined) return []
      // Its first number says whose record it is: one that began since gives nothing back.
      const isSame = state[0] === receipt.incarnation && receipt.incarnation !== 0
      return [{ shadow, units: isSame ? algorithm.refund(terms, state, 0, now, cost, receipt) : 0 }]
    })
    if (given.length > 0) this.#refunded.add(once)
    const enforced = given.filter(({ shadow }) => !shadow)
    const counted = enforced.length > 0 ? enforced : given
    return counted.length === 0 ? 0 : Math.min(...counted.map(({ units }) => units))
  }
}

function waitOf({ algorithm, terms }: Rule, { request, states }: Loaded, r: number, now: number): number {
  return algorithm.waitFor(terms, states[r] as State, 0, now, neededUnits(request.budget, request.cost))
}

/** Lengths first, so that no key can be that of another policy. */
function nameOf(policy: string, key: string, identity: string): string {
  return `${policy.length}:${policy}${key.length}:${key}${identity}`
}
