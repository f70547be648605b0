import { escapeHtml } from './escape.ts'

/** Cells of one row. */
export type Row = readonly (string | number)[]

/** A table that scrolls where it is too wide; numbers stand at the right. Nothing where it has no rows. */
export function htmlTable(caption: string, headings: readonly string[], rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  // Keys are names of somebody, also where they have nothing but digits and dots.
  const isNumber = headings.map((heading, i) => heading !== 'Key' && rows.every((row) => isNumeric(row[i])))
  const cell = (tag: string, text: string | number, i: number): string =>
    `<${tag}${tag === 'th' ? ' scope="col"' : ''}${isNumber[i] ? ' class="number"' : ''}>${escapeHtml(text)}</${tag}>`
  const head = headings.map((text, i) => cell('th', text, i)).join('')
  const body = rows.map((row) => `<tr>${row.map((text, i) => cell('td', text, i)).join('')}</tr>`).join('\n')
  const label = escapeHtml(caption)
  return `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><caption>${label}</caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

/** A number, a share or a range. */
function isNumeric(cell: string | number | undefined): boolean {
  return typeof cell === 'number' || /^<?[\d.]+(?: %|–\d+)?$/.test(cell ?? '')
}
