/** What a decoder lets go of: what it holds is bounded only if that is true. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'
import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { HpackError } from '../../src/http2/hpack/hpack-error.ts'
import { indexed, literal, sizeUpdate } from './hpack-blocks.ts'

const TABLE_BYTES_MAX = 4096

let collect: () => void

beforeAll(() => {
  setFlagsFromString('--expose-gc')
  collect = runInNewContext('gc')
})

describe('a decoder', () => {
  it('lets go of the octets of a block, also of one that it remembers', async () => {
    const decoder = newDecoder()
    const gone = await isGone(() => {
      const buffer = Buffer.alloc(100_000)
      const end = literal('plain', { name: 'name', value: 'v'.repeat(200) }).copy(buffer)
      for (let i = 0; i < 3; i++) decoder.decode(buffer, 0, end)
      return buffer.buffer
    })
    expect(gone).toBe(true)
  })

  it('lets go of the octets of a malformed block', async () => {
    const decoder = newDecoder()
    const gone = await isGone(() => {
      const buffer = Buffer.alloc(100_000, indexed(0))
      expect(() => decoder.decode(buffer, 0, 3)).toThrow(HpackError)
      return buffer.buffer
    })
    expect(gone).toBe(true)
  })

  it.each([
    ['the table shrinks', sizeUpdate(0)],
    ['others take its place', literal('inserted', { name: 'n', value: 'v'.repeat(TABLE_BYTES_MAX - 33) })],
  ])('lets go of a field when %s', async (_, block) => {
    const decoder = newDecoder()
    const gone = await isGone(() => {
      const insert = literal('inserted', { name: 'n', value: 'v' })
      const [field] = decoder.decode(insert, 0, insert.length)
      for (let i = 0; i < 3; i++) decoder.decode(indexed(62), 0, 1)
      decoder.decode(block, 0, block.length)
      return field as object
    })
    expect(gone).toBe(true)
  })
})

function newDecoder(): HpackDecoder<readonly object[]> {
  const interpret = (fields: readonly object[]): readonly object[] => fields
  return new HpackDecoder({ tableBytesMax: TABLE_BYTES_MAX, listBytesMax: 16_384, interpret, tooLarge: [] })
}

/** Whether nothing holds what was made, once it is done with. */
async function isGone(make: () => WeakKey): Promise<boolean> {
  const made = referenceTo(make)
  // A WeakRef holds what it was made with until the turn ends.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  return made.deref() === undefined
}

/** In a function of its own, so that nothing of it is left in that one. */
function referenceTo(make: () => WeakKey): WeakRef<WeakKey> {
  return new WeakRef(make())
}
