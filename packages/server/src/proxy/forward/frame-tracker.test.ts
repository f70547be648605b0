import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FrameTracker } from './frame-tracker.ts'

function frame(length: number, isMasked: boolean): Buffer {
  const mask = isMasked ? 0x80 : 0
  const size =
    length < 126
      ? Buffer.from([mask | length])
      : length < 65_536
        ? Buffer.from([mask | 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([mask | 127, 0, 0, 0, 0]), uint32(length)])
  return Buffer.concat([
    Buffer.from([0x82]),
    size,
    Buffer.alloc(isMasked ? 4 : 0),
    Buffer.alloc(length, 0xff),
  ])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const frames = fc.array(
  fc.record({
    length: fc.oneof(fc.nat(300), fc.constantFrom(0, 125, 126, 127, 65_535, 65_536)),
    isMasked: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
)

it('is between frames exactly where one ends, however they are cut into pieces', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 70 }), (list, step) => {
      const all = list.map(({ length, isMasked }) => frame(length, isMasked))
      const ends = new Set(all.map((_, i) => Buffer.concat(all.slice(0, i + 1)).length))
      const bytes = Buffer.concat(all)
      const tracker = new FrameTracker()
      for (let at = 0; at < bytes.length; at += step) {
        const end = Math.min(at + step, bytes.length)
        tracker.feed(bytes.subarray(at, end))
        if (tracker.isBetween !== ends.has(end)) expect([end, ...ends]).toBe(tracker.isBetween)
      }
    }),
    { numRuns: 30 },
  )
})
