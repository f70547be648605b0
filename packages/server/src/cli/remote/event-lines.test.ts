import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsIn, type StreamEvent } from './event-lines.ts'

async function* cut(text: string, ends: readonly number[]): AsyncGenerator<string> {
  let from = 0
  for (const end of [...ends].sort((a, b) => a - b)) {
    yield text.slice(from, end)
    from = Math.max(from, end)
  }
  yield text.slice(from)
}

async function read(text: string, ends: readonly number[] = []): Promise<StreamEvent[]> {
  const events: StreamEvent[] = []
  for await (const event of eventsIn(cut(text, ends))) events.push(event)
  return events
}

const STREAM =
  'retry: 2000\n\n: hello\nevent: denial\ndata: {"a":1}\r\n\r\nid: 7\ndata:one\rdata:  two\r\revent: cut\ndata: x'
const EVENTS = [
  { name: 'denial', data: '{"a":1}' },
  { name: 'message', data: 'one\n two' },
]

describe('eventsIn', () => {
  it('reads events with all line ends, and none that has not ended', async () => {
    expect(await read(STREAM)).toEqual(EVENTS)
  })

  it('reads the same wherever the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(STREAM.length), { maxLength: 12 }), async (ends) => {
        expect(await read(STREAM, ends)).toEqual(EVENTS)
      }),
    )
  })

  it('ends on an event without an end', async () => {
    await expect(read(`data: ${'x'.repeat(4 * 1024 * 1024)}`)).rejects.toThrow('an event has more than')
  })
})
