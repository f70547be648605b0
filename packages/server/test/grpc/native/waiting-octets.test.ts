import fc from 'fast-check'
import { expect, it } from 'vitest'
import { WaitingOctets } from '../../../src/transports/grpc/native/waiting-octets.ts'

it('octets that wait are read as they came, however much is added and read at once', () => {
  const step = fc.oneof(fc.record({ add: fc.uint8Array({ maxLength: 50 }) }), fc.record({ read: fc.nat(60) }))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const waiting = new WaitingOctets()
      const added: number[] = []
      const read: number[] = []
      for (const one of steps) {
        if ('add' in one) {
          added.push(...one.add)
          waiting.add(Buffer.concat([Buffer.from([255]), one.add, Buffer.from([254])]), 1, one.add.length + 1)
        } else {
          waiting.read((octets, start, end) => {
            const to = Math.min(end, start + one.read)
            read.push(...octets.subarray(start, to))
            return to
          })
        }
        expect(read).toEqual(added.slice(0, read.length))
        expect(waiting.isEmpty).toBe(read.length === added.length)
      }
    }),
  )
})
