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

/** Arguments of decide.lua for decisions that all ask the same of buckets alone, or null when these do not. */
function bucketArguments(questions: readonly Question[]): string[] | null {
  const { verb, asks } = questions[0] as Question
  const [{ budget, cost }] = asks as [Ask]
  if (verb === 'take' || budget.rules.some(({ algorithm }) => algorithm.kind !== 'bucket')) return null
  for (const one of questions) {
    const [ask] = one.asks as [Ask]
    const alike = one.verb === verb && one.asks.length === 1 && ask.cost === cost
    if (!alike || (ask.budget !== budget && ask.budget.plan !== budget.plan)) return null
  }
  return [verb, budget.plan, `${termsOf(budget, cost)}${cost}`]
}

/** Arguments of decide.lua for these questions. */
export function decideArguments(questions: readonly Question[], now: number): string[] {
  return bucketArguments(questions) ?? shapedArguments(questions, now)
}

/** Arguments of decide.lua: few and long, since each of them costs; decisions that ask the same are of one shape. */
function shapedArguments(questions: readonly Question[], now: number): string[] {
  const numbers = new Map<string, number>()
  const shapes: string[] = []
  const order = questions.map(({ verb, asks, least }) => {
    let text = least === undefined ? `${verb}\n` : `${verb} ${least}\n`
    for (const { budget, cost } of asks) text += `${cost}\n${budget.plan}`
    const known = numbers.get(text)
    if (known !== undefined) return known
    shapes.push(text, ...asks.flatMap(({ budget }) => edgesOf(budget, now)))
    numbers.set(text, numbers.size + 1)
    return numbers.size
  })
  return [numbers.size === 1 ? '' : order.join(' '), ...shapes]
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

const bucketTerms = new WeakMap<Budget, string>()

/** What lone-bucket.lua and one-bucket.lua read; nothing where they have no part. Mostly one unit is asked for. */
function termsOf(budget: Budget, cost: number): string {
  return cost === 1 ? getOrAdd(bucketTerms, budget, () => packTerms(budget, 1)) : packTerms(budget, cost)
}

/**
 * 64 characters: drain, sub-units asked for and capacity, the low seven bits of their bytes, then the eighth bits of
 * these; and the same of the ceiling.
 */
function packTerms({ rules }: Budget, cost: number): string {
  const { drain, unit, capacity, ceiling, quantum } = (rules[0] as Rule).terms as BucketTerms
  if (rules.length > 1 || quantum !== 1) return ''
  return pack([drain, Math.min(cost * unit, Number.MAX_SAFE_INTEGER), capacity]) + pack([ceiling])
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
