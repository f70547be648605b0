import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../test/any-character.ts'
import { base64url, bytesOfBase64url } from './base64url.ts'
import { Sealer } from './sealer.ts'

const [mark, stream, other] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const sealer = new Sealer(mark, stream)

it('opens what it sealed, and says the same of the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_CHARACTER, maxLength: 500 }), (text) => {
      expect(sealer.open(sealer.seal(text))).toBe(text)
      expect(new Sealer(mark, stream).seal(text)).toBe(sealer.seal(text))
    }),
  )
})

it('shows nothing of a text, also where another one begins the same way', () => {
  const [a, b] = ['{"user":"alice","n":1}', '{"user":"alice","n":2}'].map((text) => sealer.seal(text))
  const [bytes, others] = [a, b].map((sealed) => bytesOfBase64url(sealed as string) as Uint8Array)
  expect(Buffer.from(bytes as Uint8Array).includes('alice')).toBe(false)
  const same = (bytes as Uint8Array).filter((byte, i) => byte === others?.[i])
  expect(same.length).toBeLessThan(8)
})

it('opens nothing that was changed, sealed by others, or never sealed', () => {
  const sealed = sealer.seal('alice')
  const bytes = bytesOfBase64url(sealed) as Uint8Array
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.map((byte, at) => (at === i ? byte ^ 1 : byte))
    expect(sealer.open(base64url(changed))).toBeNull()
  }
  expect(new Sealer(mark, other).open(sealed)).toBeNull()
  expect(new Sealer(other, stream).open(sealed)).toBeNull()
  for (const wrong of ['', 'a', 'alice!', sealed.slice(0, 20)]) expect(sealer.open(wrong)).toBeNull()
})

it('writes bytes as base64url, as node has it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      expect(bytesOfBase64url(base64url(bytes))).toEqual(bytes)
    }),
  )
})
