import { VERDICT_SIZE } from '../../core/algorithm.ts'
import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { Rule } from '../../core/rule.ts'
import type { BudgetKey } from '../../core/store.ts'
import { isKeyed } from './compile/compile-script.ts'
import { namedTerms } from './compile/rule-text.ts'
import { nameOf, type Shape, type ShapeRule, shapeRule } from './shape.ts'

/** How one budget travels: its rules in canonical order, and what is sent of them. */
export interface EncodedBudget {
  /** One for every budget. */
  readonly number: number
  readonly name: string
  readonly shape: readonly ShapeRule[]
  readonly rules: readonly Rule[]
  /** Where the verdict of each rule stands among those of the budget. */
  readonly positions: readonly number[]
  /** The identities of its rules. */
  readonly texts: readonly string[]
  /** How many identities are in force, their ids, and id, whether it came with a call, and terms of every rule. */
  head(now: number): readonly number[]
}

const encodedBudgets = new WeakMap<Budget, EncodedBudget>()
let made = 0

/** What is sent of a budget, made once. */
export function encodedBudgetOf(budget: Budget): EncodedBudget {
  return getOrAdd(encodedBudgets, budget, () => encodeBudget(budget))
}

function encodeBudget(budget: Budget): EncodedBudget {
  const order = budget.rules.map((rule, position) => ({ rule, position }))
  order.sort((a, b) => compare(a.rule, b.rule))
  const rules = order.map(({ rule }) => rule)
  const shape = rules.map((rule) => shapeRule(rule, namedTerms(rule.algorithm)))
  // Only a rate that is not in force is carried from, and only where more than these rules are.
  const carries = rules.some(({ algorithm }) => algorithm.carry !== undefined)
  const others = carries
    ? [...budget.inForce].filter((id) => !rules.some(({ identity }) => identity.id === id))
    : []
  const head = (now: number): number[] => [
    others.length,
    ...others,
    ...rules.flatMap(({ algorithm, terms, identity, byCall }) => [
      identity.id,
      byCall ? 1 : 0,
      ...algorithm.luaTerms(terms, now),
    ]),
  ]
  const fixed = rules.some(({ algorithm }) => algorithm.hasTimedTerms) ? null : head(0)
  return {
    number: ++made,
    name: nameOf(shape),
    shape,
    rules,
    positions: order.map(({ position }) => position),
    texts: rules.map(({ identity }) => identity.text),
    head: (now) => fixed ?? head(now),
  }
}

/** Records of one value stand in the same order. */
function compare(a: Rule, b: Rule): number {
  if (a.algorithm.kind !== b.algorithm.kind) return a.algorithm.kind < b.algorithm.kind ? -1 : 1
  return a.identity.id - b.identity.id
}

/** The budgets of a decision's requests, encoded and in canonical order, and the shape they have together. */
export interface Route {
  /** One for every list of budgets. */
  readonly id: string
  readonly shape: Shape
  /** Whether decisions are sent key by key; else one after another, each with its keys. */
  readonly isKeyed: boolean
  readonly budgets: readonly EncodedBudget[]
  /** Which request of the decision each budget is. */
  readonly positions: readonly number[]
  /** The rules in the order of the script: which request asks for each, and where its verdict begins. */
  readonly verdicts: readonly { readonly rule: Rule; readonly position: number; readonly from: number }[]
  /** Numbers that the script answers of all rules. */
  readonly replySize: number
}

/** Routes of lists of budgets, found budget by budget; those of budgets that are gone go too. */
interface Fork {
  route?: Route
  readonly next: WeakMap<Budget, Fork>
}

const newFork = (): Fork => ({ next: new WeakMap() })
const routes = newFork()

/** The route of a decision on these budgets. */
export function routeOf(requests: readonly BudgetKey[]): Route {
  let fork = routes
  for (const { budget } of requests) fork = getOrAdd(fork.next, budget, newFork)
  fork.route ??= makeRoute(requests)
  return fork.route
}

function makeRoute(requests: readonly BudgetKey[]): Route {
  const all = requests.map(({ budget }, position) => ({ budget: encodedBudgetOf(budget), position }))
  all.sort((a, b) =>
    a.budget.name < b.budget.name ? -1 : a.budget.name > b.budget.name ? 1 : a.position - b.position,
  )
  const budgets = all.map(({ budget }) => budget)
  const shape = {
    name: budgets.map(({ name }) => name).join(' | '),
    requests: budgets.map((budget) => budget.shape),
  }
  const id = budgets.map(({ number }) => number).join(' ')
  const positions = all.map(({ position }) => position)
  const verdicts = all.flatMap(({ budget, position }) =>
    budget.rules.map((rule, r) => ({
      rule,
      position,
      from: VERDICT_SIZE * (startOf(all, position) + (budget.positions[r] as number)),
    })),
  )
  const replySize = verdicts.reduce((sum, { rule: { algorithm } }) => sum + algorithm.replySize, 0)
  return { id, shape, isKeyed: isKeyed(shape), budgets, positions, verdicts, replySize }
}

/** How many rules stand before those of a request. */
function startOf(all: readonly { budget: EncodedBudget; position: number }[], request: number): number {
  return all.reduce((sum, { budget, position }) => (position < request ? sum + budget.rules.length : sum), 0)
}
