/** `bench/RESULTS.md`: the latest figures of each suite, a section each, which `--write` replaces. */
import type { Missing, Outcome } from '../harness/compare.ts'
import { number, usageOf, verdict } from './table.ts'

const HEADER = `# Results

Written by \`npm run -s bench -- SUITE --write\`; [README.md](README.md) says what is measured, and how. These are the figures of one
machine at one hour. Ratios travel to another machine, rates do not; where the ranges of both sides overlap, a ratio says nothing.
`

/** What a section says of the run besides its figures. */
export interface Ran {
  readonly suite: string
  /** Machine, Node, commit, and what the suite has around it. */
  readonly about: string
  readonly quick: boolean
  /** As in 2026-11-30. */
  readonly date: string
}

/** The text with the section of this run in place of the one before, or at the end. */
export function withResults(text: string, ran: Ran, results: readonly (Outcome | Missing)[]): string {
  const [header = '', ...sections] = (text === '' ? HEADER : text).split(/^(?=## )/m)
  const before = sections.findIndex((section) => section.startsWith(`## ${ran.suite}\n`))
  sections.splice(before === -1 ? sections.length : before, 1, sectionOf(ran, results))
  return [header, ...sections]
    .map((part) => part.trim())
    .join('\n\n')
    .concat('\n')
}

function sectionOf({ suite, about, quick, date }: Ran, results: readonly (Outcome | Missing)[]): string {
  const command = `npm run -s bench -- ${suite}${quick ? ' --quick' : ''} --write`
  return [
    `## ${suite}`,
    `\`${command}\` on ${date}: ${about}.`,
    [
      '| case | unit | ours | theirs | ours / theirs | |',
      '| --- | --- | --- | --- | --- | --- |',
      ...results.map((result) => ('error' in result ? missingRow(result) : row(result))),
    ].join('\n'),
  ].join('\n\n')
}

function row(outcome: Outcome): string {
  const { ours, theirs, ratio } = outcome
  const figures = ({ values, median, usage }: Outcome['ours']): string =>
    `${number(median)} (${number(Math.min(...values))} … ${number(Math.max(...values))})${usageOf(usage)}`
  const cells = [
    outcome.case.name,
    outcome.case.unit,
    figures(ours),
    `${theirs.label}: ${figures(theirs)}`,
    number(ratio),
    verdict(outcome),
  ]
  return `| ${cells.map(plain).join(' | ')} |`
}

function missingRow({ case: { name, unit }, error }: Missing): string {
  // What the subject was told takes a line of its own, and tells a reader nothing.
  const why = `not compared, ${error.run.label}: ${error.message.replace(/ \{.*\} /, ' ')}`
  return `| ${[name, unit, '', '', '', why].map(plain).join(' | ')} |`
}

/** A bar would end the cell, and a line break the table. */
function plain(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').trim()
}
