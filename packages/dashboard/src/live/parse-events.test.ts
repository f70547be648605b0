import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsOf, parseEvent, type ServerEvent } from './parse-events.ts'

function bodyOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new Uint8Array(piece))
      controller.close()
    },
  })
}

async function read(pieces: readonly Uint8Array[]): Promise<ServerEvent[]> {
  const events: ServerEvent[] = []
  for await (const event of eventsOf(bodyOf(pieces))) events.push(event)
  return events
}

describe('server-sent events', () => {
  it('are the same however their bytes are cut', async () => {
    const text = 'retry: 2000\n\nevent: denial\ndata: {"key":"…é"}\n\nevent: snapshot\ndata: {"at":1}\n\n'
    const bytes = new TextEncoder().encode(text)
    const expected = [
      { name: 'denial', data: { key: '…é' } },
      { name: 'snapshot', data: { at: 1 } },
    ]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 6 }), async (cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const pieces = ends.slice(1).map((end, i) => bytes.slice(ends[i], end))
        expect(await read(pieces)).toEqual(expected)
      }),
    )
  })

  it('end with the body, and what is not complete then is none', async () => {
    expect(await read([new TextEncoder().encode('event: a\ndata: 1\n\nevent: b\ndata: 2')])).toEqual([
      { name: 'a', data: 1 },
    ])
  })

  it('have a name of their own where none is given, and are none without data', () => {
    expect(parseEvent('data:1')).toEqual({ name: 'message', data: 1 })
    expect(parseEvent(': a comment')).toBeNull()
  })

  it('are refused where one never ends', async () => {
    const piece = new TextEncoder().encode('x'.repeat(600_000))
    await expect(read([piece, piece])).rejects.toThrow('longer than a million')
  })
})
