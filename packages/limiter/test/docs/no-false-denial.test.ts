import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { VERDICT_SIZE } from '../../src/core/algorithm.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { clients, type ShareRow, shareTable } from '../guarantees/no-false-denial.ts'
import type { Bench } from '../guarantees/stores.ts'

/** Lines that the README leaves out: they are like those above them. */
const LEFT_OUT = ['sliding window, 3 segments', 'fixed window, epoch', 'fixed window, calendar']

/** The table of the README: what each client gets of what `10/min` allows, over 200 windows. */
describe('the README', () => {
  it('shows what clients get that keep to a limit', async () => {
    const rows = await shareTable(bench, { limit: '10/min', windows: 200 })
    const shown = rows.filter(({ algorithm }) => !LEFT_OUT.includes(algorithm))
    expect(readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')).toContain(tableOf(shown))
  })
})

function tableOf(rows: readonly ShareRow[]): string {
  const names = Object.keys(clients)
  const algorithms = [...new Set(rows.map(({ algorithm }) => algorithm))]
  const lines = algorithms.map((algorithm) => {
    const own = rows.filter((row) => row.algorithm === algorithm)
    return [algorithm, ...own.map(({ admitted, allowed }) => `${admitted} of ${allowed}`)]
  })
  return [['`10/min`', ...names], ['', ...names].map(() => '---'), ...lines].map(lineOf).join('\n')
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function bench(): Bench {
  const clock = manualClock()
  const store = memoryStore({ clock })
  return {
    store,
    clock,
    async ask(verb, request) {
      const [wait = 0, remaining = 0, reset = 0] = Array.from(
        store.decideSync(verb, [request]).numbers,
      ).slice(0, VERDICT_SIZE)
      return { wait, remaining, reset }
    },
  } as Bench
}
