import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LastSaid } from './last-said.ts'

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

describe('what threads said last', () => {
  it('never becomes less while threads count, end and are replaced, and is what all had said', () => {
    const step = fc.record({ place: fc.nat(2), does: fc.constantFrom('count', 'say', 'end') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const last = new LastSaid<object, number>(sumOf)
        const threads = [{ count: 0 }, { count: 0 }, { count: 0 }]
        const said = new Map(threads.map((thread) => [thread, 0]))
        for (const thread of threads) last.begin(thread)
        let before = 0
        for (const { place, does } of steps) {
          const thread = threads[place] as { count: number }
          if (does === 'count') thread.count++
          if (does === 'say') {
            last.say(thread, thread.count)
            said.set(thread, thread.count)
          }
          if (does === 'end') {
            expect(last.end(thread)).toBe(true)
            // An answer under way may come too late.
            last.say(thread, thread.count)
            threads[place] = { count: 0 }
            last.begin(threads[place] as object)
          }
          const now = sumOf(last.parts)
          expect(now).toBeGreaterThanOrEqual(before)
          expect(now).toBe(sumOf([...said.values()]))
          before = now
        }
        expect(last.threads).toEqual(expect.arrayContaining(threads))
      }),
    )
  })
})
