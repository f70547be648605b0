import type { Figures, Missing, Outcome } from '../harness/compare.ts'
import { isMoreBetter } from '../harness/suite.ts'

const BAR = 32
const LABEL = 26
/** Share of a core from which on there is no more of it. */
const FULL = 0.95

/** A case as text: a bar a side, the range over the rounds, and how the target was met. */
export function table(outcome: Outcome): string {
  const { ours, theirs, ratio } = outcome
  const { name, unit } = outcome.case
  const longest = Math.max(ours.median, theirs.median)
  return [
    `${name}  [${unit}, ${isMoreBetter(unit) ? 'more' : 'less'} is better]`,
    line(ours, longest),
    line(theirs, longest),
    `  ours / theirs = ${number(ratio)}   ${verdict(outcome)}`.trimEnd(),
    '',
  ].join('\n')
}

/** A case that could not be compared, as text. */
export function missing({ case: { name }, error }: Missing): string {
  return `${name}\n  NOT COMPARED, ${error.run.label}: ${error.message}\n`
}

function line({ label, values, median, usage }: Figures, longest: number): string {
  const bar = '█'.repeat(Math.max(1, Math.round((median / longest) * BAR)))
  const range = `${number(Math.min(...values))} … ${number(Math.max(...values))}`
  return `  ${label.padEnd(LABEL)} ${bar.padEnd(BAR)} ${number(median).padStart(11)}  (${range})${usageOf(usage)}`
}

/** What both ends used, as the end of a sentence; the empty text where it is not known. */
export function usageOf(usage: Figures['usage']): string {
  if (usage === null) return ''
  const limit = usage.askerShare >= FULL ? `, and who asked was the limit` : ''
  return `, ${number(usage.serverMicros)} µs of CPU${limit}`
}

/** How the target was met; the empty text where there is none. */
export function verdict({ case: { target }, ours, ratio }: Outcome): string {
  if (target === null) return ''
  const { of, sign, value } = target
  const measured = of === 'ours' ? ours.median : ratio
  const met = sign === '≥' ? measured >= value : measured <= value
  return `target: ${of} ${sign} ${value}   ${met ? 'ok' : 'MISS'}`
}

/** With as many digits as a reader wants of it. */
export function number(value: number): string {
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 0.1 ? 2 : 5
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}
