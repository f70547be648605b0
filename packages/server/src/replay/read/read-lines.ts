import type { LineParser } from '../parse/line-parser.ts'
import type { PlayedRequest } from '../played-request.ts'
import type { ReadCounts } from './read-counts.ts'

/** A longer line is no request. */
const LINE_MAX = 64 * 1024
const NEWLINE = 10
const RETURN = 13

/** What is read, and how. */
export interface LinesToRead {
  readonly name: string
  readonly chunks: AsyncIterable<Buffer>
  readonly parser: LineParser
  readonly counts: ReadCounts
  /** Whether its last line may be a part of one, which is no line; asked at the end. */
  readonly isCutOff?: () => boolean
}

/** The requests of a log, as many at once as one piece of it has. */
export async function* readRequests({
  chunks,
  isCutOff = () => false,
  ...of
}: LinesToRead): AsyncIterableIterator<PlayedRequest[]> {
  const reader = new LineReader(of)
  for await (const chunk of chunks) yield reader.read(chunk)
  if (!isCutOff()) yield reader.end()
}

class LineReader {
  readonly #of: Omit<LinesToRead, 'chunks' | 'isCutOff'>
  /** The beginning of a line whose end is in a later piece. */
  #begun: Buffer | null = null
  /** A line that is too long is left aside up to its end. */
  #isTooLong = false
  #line = 0

  constructor(of: Omit<LinesToRead, 'chunks' | 'isCutOff'>) {
    this.#of = of
  }

  read(chunk: Buffer): PlayedRequest[] {
    const requests: PlayedRequest[] = []
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      if (this.#begun === null) this.#parse(chunk, { from, to: end }, requests)
      else this.#parseBegun(chunk.subarray(from, end), requests)
      from = end + 1
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from))
    return requests
  }

  end(): PlayedRequest[] {
    const requests: PlayedRequest[] = []
    if (this.#begun !== null) this.#parseBegun(Buffer.alloc(0), requests)
    return requests
  }

  #parseBegun(rest: Buffer, requests: PlayedRequest[]): void {
    const whole = Buffer.concat([this.#begun as Buffer, rest])
    this.#begun = null
    this.#parse(whole, { from: 0, to: whole.length }, requests)
  }

  #keep(rest: Buffer): void {
    const whole = Buffer.concat([this.#begun ?? Buffer.alloc(0), rest])
    this.#isTooLong ||= whole.length > LINE_MAX
    this.#begun = this.#isTooLong ? Buffer.alloc(0) : whole
  }

  #parse(
    bytes: Buffer,
    { from, to }: { readonly from: number; readonly to: number },
    requests: PlayedRequest[],
  ): void {
    this.#line++
    const end = to > from && bytes[to - 1] === RETURN ? to - 1 : to
    if (end === from && !this.#isTooLong) return
    const { counts, parser } = this.#of
    counts.lines++
    if (this.#isTooLong || end - from > LINE_MAX) {
      this.#isTooLong = false
      this.#unreadable(`it is longer than ${LINE_MAX} bytes`)
      return
    }
    const read = parser.parse(bytes, from, end)
    if (typeof read === 'string') this.#unreadable(read)
    else if (read !== null) requests.push(read)
  }

  #unreadable(message: string): void {
    const { name, counts } = this.#of
    counts.addUnreadable({ file: name, line: this.#line, message })
  }
}
