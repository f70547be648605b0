import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seedOfRun } from '../../../limiter/test/parity/random.ts'
import { Streams } from '../../src/http2/streams.ts'

interface One {
  readonly id: number
  next: One | null
}

describe('the open streams of a connection', () => {
  it('are those that were added and not deleted, whatever their identifiers', () => {
    const step = fc.record({
      isAdded: fc.boolean(),
      after: fc.integer({ min: 1, max: 200 }),
      which: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const streams = new Streams<One>()
        const open = new Map<number, One>()
        for (const { isAdded, after, which } of steps) {
          if (isAdded) {
            const stream: One = {
              id: streams.highest + 2 * after - (streams.highest === 0 ? 1 : 0),
              next: null,
            }
            streams.use(stream.id)
            streams.add(stream)
            open.set(stream.id, stream)
          } else {
            const stream = [...open.values()][which % Math.max(open.size, 1)]
            if (stream === undefined) continue
            streams.delete(stream)
            streams.delete(stream)
            open.delete(stream.id)
            expect(streams.get(stream.id)).toBe(undefined)
          }
          expect(streams.size).toBe(open.size)
        }
        for (const [id, stream] of open) expect(streams.get(id)).toBe(stream)
        expect(streams.all().toSorted((a, b) => a.id - b.id)).toEqual([...open.values()])
      }),
      { seed: seedOfRun('streams that come and go', 1) },
    )
  })
})
