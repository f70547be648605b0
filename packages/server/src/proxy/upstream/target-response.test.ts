import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { printable, responseFields } from './target-response.ts'

const raw = (fields: readonly string[]): Buffer[] => fields.map((text) => Buffer.from(text, 'latin1'))

const hop = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade']
const name = fc.constantFrom('etag', 'Set-Cookie', 'X-Hop', 'x-other', 'DATE', ...hop, 'Keep-Alive', 'TE')
const value = fc.string({ unit: fc.constantFrom('a', ' ', ',', '\xe4', '\xff') })
const connection = fc.subarray(['x-hop', 'X-Other', 'close', 'etag'])

describe('fields of a response', () => {
  it('are those that end at the client, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), connection, (pairs, named) => {
        const fields = responseFields(raw([...pairs.flat(), 'Connection', named.join(' , ')]), 200)
        // What other lines of Connection have is no name of a field here.
        const ended = new Set([...hop, ...named.map((one) => one.toLowerCase())])
        const kept = pairs.map(([key, text]) => [key.toLowerCase(), text] as const)
        expect(fields).toEqual(kept.filter(([key]) => !ended.has(key)).flat())
      }),
    )
  })

  it('are at most 200', () => {
    const lines = (count: number): string[] => Array(count).fill(['x', '']).flat()
    expect(responseFields(raw(lines(200)), 200)).toEqual(lines(200))
    expect(responseFields(raw(lines(201)), 200)).toBe('head-too-large')
  })

  it.each([
    [['content-length', '1', 'Content-Length', '1']],
    [['Content-Length', '1', 'Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', 'gzip, chunked']],
    [['Transfer-Encoding', 'gzip']],
  ])('say in one way where it ends: %j', (fields) => {
    expect(responseFields(raw(fields), 200)).toBe('bad-response')
  })

  it('leave out that it comes in chunks', () => {
    expect(responseFields(raw(['etag', 'a', 'Transfer-Encoding', 'Chunked']), 200)).toEqual(['etag', 'a'])
  })

  it('have no length at 204', () => {
    expect(responseFields(raw(['content-length', '0', 'etag', 'a']), 204)).toEqual(['etag', 'a'])
  })
})

it('printable leaves out what no status line may have', () => {
  expect(['Grüße', '', '\ufffd', 'a\rb'].map(printable)).toEqual(['Grüße', '', '', ''])
})
