import { VERDICT_SIZE } from '../../core/algorithm.ts'
import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { Rule } from '../../core/rule.ts'
import type { BudgetKey } from '../../core/store.ts'
import { isKeyed } from './compile/compile-script.ts'
import { namedTerms } from './compile/rule-text.ts'
import { nameOf, type Shape, type ShapeRule, shapeAlone, shapeOfRequests, shapeRule } from './shape.ts'

/** One budget as it is sent: its rules in canonical order, with the numbers and texts of the call. */
export interface EncodedBudget {
  /** Unique for every budget of this process. */
  readonly number: number
  readonly name: string
  readonly shape: readonly ShapeRule[]
  /** Whether its policy bans. */
  readonly bans: boolean
  readonly rules: readonly Rule[]
  /** For each of `rules`, its index in the budget. */
  readonly positions: readonly number[]
  /** Identity texts of its rules. */
  readonly texts: readonly string[]
  /**
   * The count and ids of other identities in force; where its policy bans, the count and lengths of bans; then for every rule its id, 1 if its rate came with a call, and its
   * terms. `now` is the estimated time of the server.
   */
  header(now: number): readonly number[]
}

const encodedBudgets = new WeakMap<Budget, EncodedBudget>()
let count = 0

/** Encodes a budget, once. */
export function encodedBudgetOf(budget: Budget): EncodedBudget {
  return getOrAdd(encodedBudgets, budget, () => encodeBudget(budget))
}

function encodeBudget(budget: Budget): EncodedBudget {
  const order = budget.rules.map((rule, position) => ({ rule, position }))
  order.sort((a, b) => compare(a.rule, b.rule))
  const rules = order.map(({ rule }) => rule)
  const shape = rules.map((rule) => shapeRule(rule, budget, namedTerms(rule.algorithm)))
  // Only a rule that carries needs to know which other identities are in force.
  const carries = rules.some(({ algorithm }) => algorithm.carry !== undefined)
  const others = carries
    ? [...budget.inForce].filter((id) => !rules.some(({ identity }) => identity.id === id))
    : []
  const header = (now: number): number[] => [
    others.length,
    ...others,
    ...(budget.bans === undefined ? [] : [budget.bans.length, ...budget.bans]),
    ...rules.flatMap(({ algorithm, terms, identity, byCall }) => [
      identity.id,
      byCall ? 1 : 0,
      ...algorithm.luaTerms(terms, now),
    ]),
  ]
  const fixed = rules.some(({ algorithm }) => algorithm.hasTimedTerms) ? null : header(0)
  return {
    number: ++count,
    name: nameOf(shape, budget.bans !== undefined),
    shape,
    bans: budget.bans !== undefined,
    rules,
    positions: order.map(({ position }) => position),
    texts: rules.map(({ identity }) => identity.text),
    header: (now) => fixed ?? header(now),
  }
}

/** Canonical order of rules, which is also the order of their records in a value. */
function compare(a: Rule, b: Rule): number {
  if (a.algorithm.kind !== b.algorithm.kind) return a.algorithm.kind < b.algorithm.kind ? -1 : 1
  return a.identity.id - b.identity.id
}

/** How decisions on one list of budgets are sent: the encoded budgets in canonical order, and their shape. */
export interface Route {
  /** Unique for every list of budgets. */
  readonly id: string
  readonly shape: Shape
  /** Whether decisions are grouped by key, with each rule's state in local variables; see `isKeyed`. */
  readonly isKeyed: boolean
  readonly budgets: readonly EncodedBudget[]
  /** For each of `budgets`, the index of its request in the decision. */
  readonly positions: readonly number[]
  /** The rules in the order of the script, each with the index of its request and the offset of its verdict. */
  readonly verdicts: readonly { readonly rule: Rule; readonly position: number; readonly from: number }[]
  /** Numbers that the script replies for all rules. */
  readonly replySize: number
}

/** A trie of routes by list of budgets. Its weak maps let routes of dropped budgets be collected. */
interface RouteNode {
  route?: Route
  readonly next: WeakMap<Budget, RouteNode>
}

const newNode = (): RouteNode => ({ next: new WeakMap() })
const routes = newNode()

/** The route of a decision on these budgets, made once. */
export function routeOf(requests: readonly BudgetKey[]): Route {
  let node = routes
  for (const { budget } of requests) node = getOrAdd(node.next, budget, newNode)
  node.route ??= makeRoute(requests)
  return node.route
}

function makeRoute(requests: readonly BudgetKey[]): Route {
  const all = requests.map(({ budget }, position) => ({ budget: encodedBudgetOf(budget), position }))
  all.sort((a, b) =>
    a.budget.name < b.budget.name ? -1 : a.budget.name > b.budget.name ? 1 : a.position - b.position,
  )
  const budgets = all.map(({ budget }) => budget)
  const shape = shapeOfRequests(
    budgets.map((budget) => (budgets.length === 1 ? shapeAlone(budget.shape) : budget.shape)),
    budgets.map(({ bans }) => bans),
  )
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

/** How many rules the requests before this one have. */
function startOf(all: readonly { budget: EncodedBudget; position: number }[], request: number): number {
  return all.reduce((sum, { budget, position }) => (position < request ? sum + budget.rules.length : sum), 0)
}
