import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { LocalTally } from '../service/tally.ts'
import { SharedTally, tallyMemory } from './shared-tally.ts'

const THREADS = 4
const MAX = 3

/** A thread takes a key or gives one of its places back, or one that died is forgotten. */
type Step = { readonly thread: number; readonly key: string; readonly does: 'take' | 'leave' | 'die' }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    thread: fc.nat(THREADS - 1),
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    does: fc.constantFrom('take', 'take', 'take', 'leave', 'leave', 'die'),
  }),
  { maxLength: 100 },
)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('counts of several threads', () => {
  it('property: are those that one thread would count, without those of threads that died', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const memory = tallyMemory({ keys: 4, threads: THREADS })
        const tallies = Array.from({ length: THREADS }, (_, thread) => new SharedTally(memory, thread))
        const model = new LocalTally()
        const held: Record<string, { leave: () => void; modelled: () => void }[]> = {}
        for (const { thread, key, does } of all) {
          const own = held[`${thread} ${key}`] ?? []
          held[`${thread} ${key}`] = own
          if (does === 'take') {
            const leave = tallies[thread]?.take(key, MAX) ?? null
            const modelled = model.take(key, MAX)
            expect(leave === null).toBe(modelled === null)
            if (leave !== null && modelled !== null) own.push({ leave, modelled })
          } else if (does === 'leave') {
            const last = own.pop()
            last?.leave()
            last?.modelled()
          } else {
            tallies[0]?.forget(thread)
            for (const of of ['a', 'b', 'c', 'd']) {
              for (const { modelled } of held[`${thread} ${of}`]?.splice(0) ?? []) modelled()
            }
          }
        }
        expect(tallies[0]?.total).toBe(Object.values(held).reduce((sum, { length }) => sum + length, 0))
      }),
    )
  })

  it('have room for as many keys as they were made for, and for others when those are gone', () => {
    const tally = new SharedTally(tallyMemory({ keys: 1000, threads: 2 }), 1)
    for (let round = 0; round < 5; round++) {
      const leaves = Array.from({ length: 1000 }, (_, i) => tally.take(`${round} ${i}`, 1))
      expect(leaves).not.toContain(null)
      expect(tally.take(`${round} 500`, 1)).toBeNull()
      for (const leave of leaves) leave?.()
      expect(tally.total).toBe(0)
    }
  })

  it('go on where a thread died while it changed them', () => {
    const memory = tallyMemory({ keys: 4, threads: THREADS })
    // Thread 2 has the lock, and never gives it back.
    memory.cells[0] = 3
    const tally = new SharedTally(memory, 1)
    expect(tally.take('a', 0)).not.toBeNull()
    tally.forget(2)
    expect(tally.take('a', 0)).toBeNull()
    expect(tally.take('a', 1)).not.toBeNull()
  })

  it('are kept however many threads change them in turn', () => {
    const memory = tallyMemory({ keys: 4, threads: THREADS })
    memory.cells[0] = 3
    vi.spyOn(performance, 'now').mockReturnValue(0)
    // Whenever it would wait, another thread has the lock already; in the end none has.
    const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      memory.cells[0] = wait.mock.calls.length < 100 ? 3 : 0
      return 'not-equal'
    })
    expect(new SharedTally(memory, 1).take('a', 0)).toBeNull()
  })
})
