import { printable } from './printable.ts'

/** What stands where there is nothing. */
export const NOTHING = '-'

const GAP = '  '

/** Rows below headings, each column as wide as its widest cell; numbers stand at the right. Nothing without rows. */
export function tableText(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  if (rows.length === 0) return []
  const texts = rows.map((row) => row.map((cell) => printable(String(cell))))
  const isNumber = headings.map((_, i) => rows.every((row) => isNumeric(row[i])))
  const widths = headings.map((heading, i) => {
    return Math.max(heading.length, ...texts.map((row) => lengthOf(row[i] ?? '')))
  })
  return [headings, ...texts].map((row) => {
    const cells = row.map((cell, i) => {
      const blanks = ' '.repeat((widths[i] ?? 0) - lengthOf(cell))
      return isNumber[i] ? blanks + cell : cell + blanks
    })
    return cells.join(GAP).trimEnd()
  })
}

/** A number, or a range of numbers. */
function isNumeric(cell: string | number | undefined): boolean {
  return typeof cell === 'number' || /^\d+–\d+$/.test(cell ?? '')
}

function lengthOf(text: string): number {
  return [...text].length
}
