import { describe, expect, it } from 'vitest'
import type { Decision, Source } from '../../src/core/decision.ts'
import type { OnStoreError } from '../../src/core/on-store-error.ts'
import { until } from '../harness/until.ts'
import { capacityOf } from './budgets.ts'
import { add, Ledger } from './ledger.ts'

const caller = 3

function open(mode: OnStoreError = 'local'): Ledger {
  return new Ledger({ mode, forgets: 'nothing', deadlineMs: 5 })
}

function told(ledger: Ledger, source: Source, remaining: number | null = null, allowed = true): void {
  const issue = ledger.issue(caller)
  if (source === 'store') add(ledger.asked, caller)
  ledger.settle(issue, { source, remaining, allowed } as Decision)
}

describe('the ledger of the fault tests', () => {
  it('has nothing against answers that can be true', () => {
    const ledger = open()
    told(ledger, 'store', capacityOf(caller) - 1)
    // Asked, charged, and not answered in time.
    add(ledger.asked, caller)
    told(ledger, 'fallback')
    told(ledger, 'store', capacityOf(caller) - 3)
    expect(ledger.problems).toEqual([])
    expect([ledger.issued, ledger.settled, ledger.admitted]).toEqual([3, 3, { store: 2, standIn: 1 }])
  })

  it('notices the answer to another key', () => {
    const ledger = open()
    told(ledger, 'store', capacityOf(caller + 1) - 1)
    expect(ledger.problems).toEqual([expect.stringContaining('which is not from 79999 to 79999')])
  })

  it('notices a spend that was charged twice, or not at all', () => {
    const ledger = open()
    told(ledger, 'store', capacityOf(caller) - 2)
    expect(ledger.problems).toHaveLength(1)
    told(ledger, 'store', capacityOf(caller) - 2)
    expect(ledger.problems).toHaveLength(1)
    told(ledger, 'store', capacityOf(caller) - 2)
    expect(ledger.problems).toHaveLength(2)
    expect(ledger.forgotten).toBe(2)
  })

  it('notices who admits more than he may', () => {
    const closed = open('closed')
    told(closed, 'closed')
    expect(closed.problems).toEqual(['closed: closed admitted'])
    const local = open()
    for (let i = 0; i < caller + 2; i++) told(local, 'fallback')
    expect(local.problems).toEqual(['local: caller 3 was admitted 5 times by its share'])
    told(local, 'open')
    expect(local.problems[1]).toBe('local: answered by open')
  })

  it('notices an answer of a store that cannot answer, and what it forgets once it is back', () => {
    const ledger = open()
    ledger.silent()
    told(ledger, 'store', capacityOf(caller) - 1)
    expect(ledger.problems).toHaveLength(1)
    ledger.healing()
    ledger.returned()
    ledger.over()
    told(ledger, 'store', capacityOf(caller) - 1)
    expect(ledger.problems[1]).toBe('local: the store forgot 1 units of caller 3 when all was over')
  })

  it('notices a decision that is later than a timer', async () => {
    const ledger = open()
    ledger.issue(caller)
    const early = ledger.issue(caller)
    ledger.settle(early, { source: 'fallback', allowed: false } as Decision)
    await until('a problem', () => ledger.problems.length > 0)
    expect(ledger.problems).toEqual([expect.stringContaining('1 decisions are not settled')])
  })
})
