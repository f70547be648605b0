import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManyMessages } from '../../../src/transports/grpc/native/many-messages.ts'
import type { NativeCall } from '../../../src/transports/grpc/native/native-call.ts'
import { FakeStream, frameOf } from './fake-stream.ts'

/** What of a call its messages need. */
class FakeCall {
  readonly stream = new FakeStream()
  onOver: (() => void) | null = null
  arrived(): void {}
}

function begun(): { readonly call: FakeCall; readonly messages: ManyMessages } {
  const call = new FakeCall()
  return { call, messages: new ManyMessages(call as unknown as NativeCall) }
}

/** All messages, read as fast as they come, or the error that ends them. */
async function all(messages: ManyMessages): Promise<string[]> {
  const read: string[] = []
  try {
    for (let next = await messages.next(); next !== null; next = await messages.next())
      read.push(next.toString('hex'))
    return read
  } catch (reason) {
    return [...read, String(reason)]
  }
}

describe('the messages of a call that has many', () => {
  it('come in order, in whatever pieces and whenever, and all that they took is given back', async () => {
    const contents = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 })
    const pieces = fc.array(fc.record({ bytes: fc.nat(40), isLate: fc.boolean() }), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(contents, pieces, fc.nat(4), async (given, cuts, extra) => {
        const { call, messages } = begun()
        const octets = Buffer.concat([...given.map((one) => frameOf(one)), Buffer.alloc(extra)])
        const read = all(messages)
        let at = 0
        for (const { bytes, isLate } of [...cuts, { bytes: octets.length, isLate: true }]) {
          const end = Math.min(octets.length, at + bytes)
          // A piece lies in octets that change once it was read.
          const piece = Buffer.from(octets)
          messages.data(piece, at, end)
          piece.fill(0xee)
          at = end
          if (isLate) await Promise.resolve()
        }
        messages.end()
        const whole = given.map((message) => Buffer.from(message).toString('hex'))
        const end = extra === 0 ? [] : [expect.stringContaining('in the middle')]
        expect(await read).toEqual([...whole, ...end])
        expect(call.stream.released).toBe(octets.length)
      }),
    )
  })

  it('are not given back while one is worked at', async () => {
    const { call, messages } = begun()
    const octets = Buffer.concat([frameOf(Buffer.from('a')), frameOf(Buffer.from('b'))])
    messages.data(octets, 0, octets.length)
    expect(String(await messages.next())).toBe('a')
    expect(call.stream.released).toBe(0)
    expect(String(await messages.next())).toBe('b')
    messages.data(octets, 0, 3)
    expect(call.stream.released).toBe(0)
    const third = messages.next()
    expect(call.stream.released).toBe(octets.length + 3)
    messages.data(octets, 3, 6)
    expect(String(await third)).toBe('a')
  })

  it('that were read before one that is wrong are answered', async () => {
    const { messages } = begun()
    const octets = Buffer.concat([frameOf(Buffer.from('a')), frameOf(Buffer.from('b'), 7)])
    messages.data(octets, 0, octets.length)
    expect(await all(messages)).toEqual(['61', expect.stringContaining('neither 0 nor 1')])
  })

  it('are over when the call is', async () => {
    const { call, messages } = begun()
    const next = messages.next()
    call.onOver?.()
    await expect(next).rejects.toThrow()
    messages.data(frameOf(Buffer.from('a')), 0, 6)
    await expect(messages.next()).rejects.toThrow()
  })
})
