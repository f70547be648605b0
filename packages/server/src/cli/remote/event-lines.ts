/** One event of a stream of server-sent events. */
export interface StreamEvent {
  readonly name: string
  readonly data: string
}

/** Longest event that is taken in, in characters. */
const LENGTH_MAX = 4 * 1024 * 1024

/** Reads server-sent events (WHATWG HTML, section 9.2) from a stream of texts; what begins and does not end is none. */
export async function* eventsIn(chunks: AsyncIterable<string>): AsyncGenerator<StreamEvent> {
  let name = ''
  let data: string[] = []
  for await (const line of linesIn(chunks)) {
    if (line === '') {
      if (data.length > 0) yield { name: name === '' ? 'message' : name, data: data.join('\n') }
      name = ''
      data = []
    } else {
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
      if (field === 'event') name = value ?? ''
      if (field === 'data') data.push(value ?? '')
    }
  }
}

async function* linesIn(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    rest += chunk
    // A line break may be cut in two.
    const whole = rest.endsWith('\r') ? rest.slice(0, -1) : rest
    const lines = whole.split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? '') + rest.slice(whole.length)
    if (rest.length > LENGTH_MAX) throw new Error(`an event has more than ${LENGTH_MAX} characters`)
    yield* lines
  }
}
