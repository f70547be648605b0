import { describe, expect, it } from 'vitest'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import { changedBudget, freshBudget } from '../guarantees/arbitraries.ts'
import { SharedMemory } from './memory.ts'

describe('records in the layout of another thread', () => {
  it('are kept also where they have recovered, as what they were is asked once the clock goes back', () => {
    const memory = new SharedMemory()
    const [first, second] = [memory.attach().store, memory.attach().store]
    const rule = { algorithm: 'token-bucket', limit: '10/min' }
    const narrow = freshBudget(rule)
    const wide = changedBudget(narrow, rule, { limit: '10/h' })
    const spend = { budget: narrow, key: 'key', cost: 4 }
    const { numbers, now } = first.decideSync('consume', [spend])
    // All of it is given back by another configuration: the first record of its layout is one that has recovered.
    const rules = [ruleReceiptOf(numbers, 0, now), undefined]
    expect(first.refundSync([{ ...spend, budget: wide, id: 'spend', rules }])).toEqual([4])
    second.decideSync('peek', [spend])
    expect(second.stats().keys).toBe(1)
  })
})
