/** The table of `docs/operations/failure-modes.md`: what faults are, and what they did when it was written. */
import { join } from 'node:path'
import { root } from '../docs/documents.ts'
import type { Findings } from './campaign.ts'
import type { Row } from './fault.ts'

export const PAGE: string = join(root, 'docs/operations/failure-modes.md')

const BEGIN = '<!-- table of faults: HEADGATE_WRITE_DOCS=1 npm run test:long -->'
const END = '<!-- end of the table -->'
const HEAD = [
  '| fault | what Headgate does | in flight | longest decision | admitted / charged | instead: local, open, closed | back after | `lastError` |',
  '| --- | --- | --- | --- | --- | --- | --- | --- |',
]

const EXCERPT = 50

/** Lines of a table, one a fault that was seen. */
export function tableOf(rows: readonly Row[], seen: ReadonlyMap<Row, Findings>): string {
  const lines = rows.flatMap((row) => {
    const findings = seen.get(row)
    return findings === undefined ? [] : [lineOf(row, findings)]
  })
  return [...HEAD, ...lines].join('\n')
}

/** The page with another table. */
export function withTable(page: string, table: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`${PAGE} has no place for the table`)
  return `${page.slice(0, before)}${BEGIN}\n\n${table}\n\n${page.slice(after)}`
}

/** Names and sentences of the page's rows, in their order. */
export function rowsOf(page: string): Row[] {
  const table = page.slice(page.indexOf(BEGIN), page.indexOf(END))
  const lines = table.split('\n').filter((line) => line.startsWith('| ') && !HEAD.includes(line))
  return lines.map((line) => {
    const [name = '', expected = ''] = line.slice(2).split(' | ')
    return { name, expected }
  })
}

function lineOf({ name, expected }: Row, findings: Findings): string {
  const { inFlight, longest, admitted, charged, local, open, closed, backMs } = findings
  const timer = longest.timerMs === null ? '' : `; a timer ${longest.timerMs.toFixed(0)} ms`
  const cells = [
    name,
    expected,
    `3 × ${inFlight}`,
    `${longest.ms.toFixed(0)} ms${timer}`,
    `${count(admitted)} / ${count(charged)}`,
    `${count(local)}, ${count(open)}, ${count(closed)}`,
    `${(backMs / 1000).toFixed(2)} s`,
    findings.lastError === null ? '' : excerpt(findings.lastError),
  ]
  return `| ${cells.join(' | ')} |`
}

/** Without what differs from run to run, or cannot be shown. */
function excerpt(message: string): string {
  const text = message
    .replace('Redis did not decide: ', '')
    .replace(/\b127\.0\.0\.1:\d+/g, 'host:port')
    .replace(/\p{Cc}/gu, '?')
  return `\`${text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text}\``
}

function count(units: number): string {
  return units.toLocaleString('en')
}
