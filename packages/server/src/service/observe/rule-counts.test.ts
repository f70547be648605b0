import { describe, expect, it } from 'vitest'
import { mergeRules, RuleBook, withoutRules } from './rule-counts.ts'

describe('the counts of rules', () => {
  it('are bounded: rules of calls may have any name', () => {
    const book = new RuleBook()
    for (let i = 0; i < 1000; i++) book.add(`rule-${i}`, 'denied')
    book.add('rule-0', 'denied')
    const counted = book.part()
    expect(counted.size).toBe(33)
    expect([counted.get('rule-0'), counted.get(null)]).toEqual([
      { denied: 2, shadowDenied: 0 },
      { denied: 968, shadowDenied: 0 },
    ])
  })

  it('of rules that are gone have no name, and leave room for others', () => {
    const book = new RuleBook()
    for (let i = 0; i < 32; i++) book.add(`old-${i}`, 'shadowDenied')
    const next = new RuleBook(withoutRules(book.part(), new Set(['old-0'])))
    next.add('new', 'denied')
    expect([...next.part()]).toEqual([
      ['old-0', { denied: 0, shadowDenied: 1 }],
      [null, { denied: 0, shadowDenied: 31 }],
      ['new', { denied: 1, shadowDenied: 0 }],
    ])
  })

  it('of several threads add up', () => {
    const [a, b] = [new RuleBook(), new RuleBook()]
    a.add('1m', 'denied')
    b.add('1m', 'denied')
    b.add('1h', 'shadowDenied')
    expect([...mergeRules([a.part(), b.part()])]).toEqual([
      ['1m', { denied: 2, shadowDenied: 0 }],
      ['1h', { denied: 0, shadowDenied: 1 }],
    ])
  })
})
