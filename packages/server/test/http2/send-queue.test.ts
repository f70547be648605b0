import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seedOfRun } from '../../../limiter/test/parity/random.ts'
import { SendQueue } from '../../src/http2/send-queue.ts'
import { livingBytes } from './living-bytes.ts'

describe('octets that wait to be sent', () => {
  it('are those that were written, in whatever parts they come and go', () => {
    const step = fc.record({ isPushed: fc.boolean(), bytes: fc.integer({ min: 1, max: 700 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new SendQueue()
        let next = 0
        const waiting: number[] = []
        for (const { isPushed, bytes } of steps) {
          if (isPushed) {
            const octets = Uint8Array.from({ length: bytes }, () => next++ % 251)
            waiting.push(...octets)
            queue.push(octets)
            // Their writer uses them again.
            octets.fill(255)
          } else if (queue.bytes > 0) {
            const { first, start } = queue
            const sent = Math.min(bytes, first.length - start)
            expect(sent).toBeGreaterThan(0)
            expect([...first.subarray(start, start + sent)]).toEqual(waiting.splice(0, sent))
            queue.advance(sent)
          }
          expect(queue.bytes).toBe(waiting.length)
        }
      }),
      { seed: seedOfRun('octets that wait', 1) },
    )
  })

  it('take little more than they are, where each was written by itself', () => {
    const before = livingBytes()
    const queue = new SendQueue()
    const octet = Buffer.alloc(1)
    for (let i = 0; i < 200_000; i++) queue.push(octet)
    expect(queue.bytes).toBe(200_000)
    expect(livingBytes() - before).toBeLessThan(8_000_000)
  })
})
