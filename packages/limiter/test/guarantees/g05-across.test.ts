import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Across, across, closeRequests, isAdmission, rulesAcross, standingOf } from './across.ts'
import { history, type Question, step } from './arbitraries.ts'

describe('G5 all or nothing across stores', () => {
  it('several stores answer every decision as one store does that has all of it', async () => {
    const seen = { passed: 0, denied: 0 }
    await fc.assert(
      fc.asyncProperty(rulesAcross, history(20), async (rules, questions) => {
        const bench = across(rules)
        for (const question of questions) {
          move(bench, question)
          const requests = closeRequests(bench, question)
          const verb = question.cost % 11 === 10 ? 'charge' : question.cost % 11 === 9 ? 'peek' : 'consume'
          const expected = await standingOf(bench.whole, verb, requests)
          expect(await standingOf(bench.split, verb, requests)).toEqual(expected)
          seen[isAdmission(expected) ? 'passed' : 'denied']++
          expect(await bench.left([bench.split, ...bench.parts])).toEqual(await expectedLeft(bench))
        }
      }),
      { numRuns: 300 },
    )
    expect(Math.min(seen.passed, seen.denied)).toBeGreaterThan(300)
  })

  it('where a part fails, nothing stays spent in the others, whatever the failing one did', async () => {
    const faults = fc.record({ at: fc.nat(2), manner: fc.constantFrom('refuse', 'lose') })
    let given = 0
    await fc.assert(
      fc.asyncProperty(rulesAcross, history(20), faults, async (rules, questions, { at, manner }) => {
        const bench = across(rules)
        const faulty = bench.parts[at % rules.length]
        if (faulty === undefined) throw new Error('there are three parts')
        const others = bench.parts.filter((part) => part !== faulty)
        for (const question of questions) {
          move(bench, question)
          const requests = closeRequests(bench, question)
          const before = await bench.left(others)
          faulty.decides = manner
          await expect(bench.split.decide('consume', requests)).rejects.toThrow()
          faulty.decides = 'answer'
          expect(await bench.left(others)).toEqual(before)
          // Let something be spent, so that the next decision meets it.
          const [last] = requests.slice(-1)
          if (last !== undefined)
            await Promise.all([bench.split, bench.whole].map((one) => one.decide('consume', [last])))
        }
        given += others.reduce((sum, { refunded }) => sum + refunded, 0)
      }),
      { numRuns: 150 },
    )
    expect(given).toBeGreaterThan(150)
  })

  it('a charge is given back as well where a part fails: who stands in charges all of it', async () => {
    const bench = across([[{ limit: '5/min' }], [{ limit: '5/min' }]])
    const [one, other] = bench.parts
    if (one === undefined || other === undefined) throw new Error('there are three parts')
    other.decides = 'refuse'
    await expect(
      bench.split.decide(
        'charge',
        bench.requests(() => 9),
      ),
    ).rejects.toThrow()
    expect(await bench.left([one])).toEqual([[0, 5, 0]])
  })
})

function move({ clock, budgets: [first] }: Across, question: Question): void {
  if (first !== undefined) clock.advanceUs(step(first, question))
}

/** What the parts must have left, as the whole says it. */
async function expectedLeft({ whole, parts, budgets, requests }: Across): Promise<number[][]> {
  const free = requests(() => 0)
  const own = parts.map((_, p) => free.filter((_ask, i) => i % parts.length === p && i < budgets.length))
  return Promise.all([free, ...own].map((some) => standingOf(whole, 'peek', some)))
}
