import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { skipWithoutTmpfs } from '../harness/prerequisites.ts'
import { campaign, type Findings } from './campaign.ts'
import type { Row } from './fault.ts'
import { faults, rows } from './faults.ts'
import { PAGE, tableOf, withTable } from './page.ts'
import { serve, served } from './served.ts'
import { fullDisk } from './server-faults.ts'

const seen = new Map<Row, Findings>()
const unhandled: unknown[] = []
const note = (reason: unknown): number => unhandled.push(reason)

beforeAll(() => {
  process.on('unhandledRejection', note)
})

afterAll(() => {
  process.off('unhandledRejection', note)
  const table = tableOf(rows, seen)
  console.log(table)
  if (process.env['HEADGATE_WRITE_DOCS'] !== '1') return
  if (seen.size < rows.length) throw new Error('Not all faults were seen; the page stays as it is')
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), table))
})

function record(row: Row, findings: Findings): void {
  const { decisions, heapBytes, problems, forgotten, forgottenAtMs, backMs } = findings
  const lost = forgotten === 0 ? '' : `, ${forgotten} units forgotten by ${forgottenAtMs.toFixed(0)} ms`
  const bytes = `the heap grew by ${heapBytes} bytes`
  console.log(
    `${row.name}: ${decisions} decisions issued and settled${lost}, back after ${backMs.toFixed(0)} ms, ${bytes}`,
  )
  expect({ problems, unhandled }).toEqual({ problems: [], unhandled: [] })
  seen.set(row, findings)
}

describe('decisions of every mode are in time and rightly counted, and the store is used again, after', () => {
  it.each(faults)('$name', { timeout: 60_000 }, async (fault) => {
    record(fault, await campaign(fault))
  })

  it(fullDisk.name, { timeout: 60_000 }, async ({ skip }) => {
    skipWithoutTmpfs({ skip })
    record(fullDisk, await campaign(fullDisk))
  })

  it(served.name, { timeout: 60_000 }, async () => {
    record(served, await serve())
  })
})
