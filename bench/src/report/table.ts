import type { Figures, Missing, Outcome } from '../harness/compare.ts'
import { isMoreBetter, type Target } from '../harness/suite.ts'

const BAR = 32
const LABEL = 26

/** A case as text: a bar a side, the range over the rounds, and how the target was met. */
export function table({ case: { name, unit, target }, ours, theirs, ratio }: Outcome): string {
  const longest = Math.max(ours.median, theirs.median)
  const verdict = target === null ? '' : judge(target, target.of === 'ours' ? ours.median : ratio)
  return [
    `${name}  [${unit}, ${isMoreBetter(unit) ? 'more' : 'less'} is better]`,
    line(ours, longest),
    line(theirs, longest),
    `  ours / theirs = ${number(ratio)}${verdict}`,
    '',
  ].join('\n')
}

/** A case that could not be compared, as text. */
export function missing({ case: { name }, error }: Missing): string {
  return `${name}\n  NOT COMPARED, ${error.run.label}: ${error.message}\n`
}

function line({ label, values, median }: Figures, longest: number): string {
  const bar = '█'.repeat(Math.max(1, Math.round((median / longest) * BAR)))
  const range = `${number(Math.min(...values))} … ${number(Math.max(...values))}`
  return `  ${label.padEnd(LABEL)} ${bar.padEnd(BAR)} ${number(median).padStart(11)}  (${range})`
}

function judge({ of, sign, value }: Target, measured: number): string {
  const met = sign === '≥' ? measured >= value : measured <= value
  return `   target: ${of} ${sign} ${value}   ${met ? 'ok' : 'MISS'}`
}

function number(value: number): string {
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 0.1 ? 2 : 5
  return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits })
}
