import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rows } from './faults.ts'
import { PAGE, rowsOf, tableOf, withTable } from './page.ts'

const page = readFileSync(PAGE, 'utf8')

describe('the page of failure modes', () => {
  it('has one row a fault, with the sentence that the test goes by', () => {
    expect(rowsOf(page)).toEqual(rows.map(({ name, expected }) => ({ name, expected })))
  })

  it('takes another table in the place of its own', () => {
    const [row] = rows
    if (row === undefined) throw new Error('There are no faults')
    const findings = {
      inFlight: 256,
      decisions: 1,
      longest: { ms: 17.4, timerMs: 18.6 },
      heapBytes: 0,
      forgotten: 0,
      forgottenAtMs: 0,
      lastError: null,
      problems: [],
    }
    const figures = { admitted: 1200, charged: 1300, local: 5, open: 6, closed: 0, backMs: 123 }
    const other = withTable(page, tableOf(rows, new Map([[row, { ...findings, ...figures }]])))
    expect(rowsOf(other)).toHaveLength(1)
    expect(other).toContain('| 3 × 256 | 17 ms; a timer 19 ms | 1,200 / 1,300 | 5, 6, 0 | 0.12 s |  |')
    expect(withTable(other, tableOf(rows, new Map()))).not.toContain('3 × 256')
  })
})
