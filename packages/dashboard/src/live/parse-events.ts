/** Server-sent events (HTML, section 9.2) out of the pieces in which they arrive. */

/** One event with its data, which is JSON here. */
export interface ServerEvent {
  readonly name: string
  readonly data: unknown
}

/** Longest event that is waited for, in characters; whoever sends more is none of ours. */
const LENGTH_MAX = 1_000_000

/** Reads events of a body until it ends. */
export async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const blocks = `${text}${piece.value}`.split('\n\n')
      text = blocks.pop() ?? ''
      if (text.length > LENGTH_MAX) throw new Error('an event is longer than a million characters')
      for (const block of blocks) {
        const event = parseEvent(block)
        if (event !== null) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** One event; null for what has no data, such as the wait before another try. */
export function parseEvent(block: string): ServerEvent | null {
  const fields = block.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    return { name, value }
  })
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value)
  if (data.length === 0) return null
  return {
    name: fields.find(({ name }) => name === 'event')?.value ?? 'message',
    data: JSON.parse(data.join('\n')),
  }
}
