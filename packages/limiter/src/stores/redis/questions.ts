import type { BucketTerms } from '../../core/algorithms/bucket.ts'
import type { CalendarTerms } from '../../core/algorithms/fixed-window.ts'
import type { Budget } from '../../core/budget.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { Rule } from '../../core/rule.ts'
import type { Ask, Refund, Verb } from '../../core/store.ts'
import { calendarEdges } from './calendar-edges.ts'

/** One decision to be sent. */
export interface Question {
  readonly verb: Verb | 'take'
  readonly asks: readonly Ask[]
  /** For `take`: the fewest units worth spending. */
  readonly least?: number | undefined
  /** The time it is to be judged by, in tests; null where the server's clock decides. */
  readonly time: string | null
}

/** Kinds of rules that are sent as numbers: plain.lua knows them as 1, 2, …, and exact buckets as 0. */
const KINDS = ['bucket', 'sliding-window', 'first-hit', 'epoch']

/** Whether the caller can tell everything of a rule's state by what is used: it is a bucket, and drained to now. */
export function isExact({ algorithm, terms }: Rule): boolean {
  return algorithm.kind === 'bucket' && (terms as BucketTerms).quantum === 1
}

/** Arguments of decide.lua for these questions. */
export function decideArguments(questions: readonly Question[], now: number): string[] {
  return alikeArguments(questions) ?? shapedArguments(questions, now)
}

/** Arguments for decisions that all ask the same of one budget, as most do, or null when these do not. */
function alikeArguments(questions: readonly Question[]): string[] | null {
  const { verb, asks } = questions[0] as Question
  const [ask] = asks as [Ask]
  const { budget, cost } = ask
  if (verb === 'take' || !isPlain(ask)) return null
  for (const one of questions) {
    const [other] = one.asks as [Ask]
    const alike = one.verb === verb && one.asks.length === 1 && other.cost === cost
    if (!alike || (other.budget !== budget && other.budget.plan !== budget.plan)) return null
  }
  const [rule] = budget.rules as [Rule]
  const exact = budget.rules.length === 1 && isExact(rule)
  return [verb, budget.plan, `${exact ? spendTerms(budget, cost) : ruleTerms(budget)}${cost}`]
}

/** Arguments for any decisions: few and long, since each of them costs; decisions that ask the same are of one shape. */
function shapedArguments(questions: readonly Question[], now: number): string[] {
  const plain = questions.every(({ verb, asks }) => verb !== 'take' && asks.every(isPlain))
  const numbers = new Map<string, number>()
  const shapes: string[] = []
  const order = questions.map(({ verb, asks, least }) => {
    let text = least === undefined ? `${verb}\n` : `${verb} ${least}\n`
    for (const { budget, cost } of asks) text += `${cost}\n${budget.plan}`
    const known = numbers.get(text)
    if (known !== undefined) return known
    if (plain) {
      shapes.push(verb, ...asks.flatMap(({ budget, cost }) => [budget.plan, `${ruleTerms(budget)}${cost}`]))
    } else shapes.push(text, ...asks.flatMap(({ budget }) => edgesOf(budget, now)))
    numbers.set(text, numbers.size + 1)
    return numbers.size
  })
  if (numbers.size > 1) return [order.join(' '), ...shapes]
  return plain ? shapes : ['', ...shapes]
}

/** Whether plain.lua can judge what is asked. */
function isPlain({ budget }: Ask): boolean {
  return budget.rules.every(({ algorithm }) => KINDS.includes(algorithm.kind))
}

/** Arguments of refund.lua for one refund. */
export function refundArguments(
  { budget, cost, marks, endsAtUs = Number.POSITIVE_INFINITY }: Refund,
  now: number,
): string[] {
  const known = marks.filter((mark) => mark !== undefined)
  const takenAtUs = known[0]?.takenAtUs ?? 0
  const recoveredAtUs = Math.max(0, ...known.map((mark) => mark.recoveredAtUs))
  const until = Math.min(endsAtUs, recoveredAtUs)
  const recovered = marks.map((mark) => String(mark?.recoveredAtUs ?? 0))
  return [String(cost), budget.plan, ...edgesOf(budget, now), String(takenAtUs), String(until), ...recovered]
}

const spendTexts = new WeakMap<Budget, string>()
const ruleTexts = new WeakMap<Budget, string>()

/**
 * What one-bucket.lua reads of a bucket, 64 characters: drain, sub-units asked for and capacity, the low seven bits of
 * their bytes, then the eighth bits of these; and the same of the ceiling. Mostly one unit is asked for.
 */
function spendTerms(budget: Budget, cost: number): string {
  const made = (): string => {
    const { drain, unit, capacity, ceiling } = (budget.rules[0] as Rule).terms as BucketTerms
    return pack([drain, Math.min(cost * unit, Number.MAX_SAFE_INTEGER), capacity]) + pack([ceiling])
  }
  return cost === 1 ? getOrAdd(spendTexts, budget, made) : made()
}

/** What plain.lua reads of rules, 96 characters for each: the terms as its plan has them, and its kind. */
function ruleTerms(budget: Budget): string {
  return getOrAdd(ruleTexts, budget, () =>
    budget.rules
      .map((rule) => {
        const [a = 0, b = 0, c = 0, d = 0, e = 0] = rule.algorithm.fields(rule.terms)
        return pack([a, b, c, d, e, isExact(rule) ? 0 : KINDS.indexOf(rule.algorithm.kind) + 1])
      })
      .join(''),
  )
}

function pack(terms: readonly number[]): string {
  const bytes = terms.flatMap((term) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => (term / 256 ** i) % 256))
  return String.fromCharCode(...bytes.map((byte) => byte & 127), ...bytes.map((byte) => byte >> 7))
}

/** Edges around now of the calendar rules, one text each; Redis knows no time zones. */
function edgesOf({ rules }: Budget, now: number): string[] {
  const edges: string[] = []
  for (const { algorithm, terms } of rules) {
    if (algorithm.kind === 'calendar')
      edges.push(calendarEdges((terms as CalendarTerms).calendar, now).join(' '))
  }
  return edges
}
