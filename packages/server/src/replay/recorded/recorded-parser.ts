import { RECORD_FORMAT, type RecordedRequest, type RecordHeader } from '../../service/record/record-format.ts'
import { readObject } from '../parse/json-parser.ts'
import type { LineParser, ParsedLine } from '../parse/line-parser.ts'
import type { PlayedRequest } from '../played-request.ts'

/** Turns a recorded request into attributes that the configurations played can ask for. */
export type RecordedAttributes = (request: RecordedRequest) => Readonly<Record<string, string>>

/** What is done with the further headers of a log, and how its requests are read. */
export interface RecordedParts {
  /** Called with each header; what it throws ends the replay. */
  readonly onHeader: (header: RecordHeader) => RecordedAttributes
  readonly onLost: (requests: number) => void
}

/** Reads what `headgate record` wrote. */
export class RecordedParser implements LineParser {
  readonly #parts: RecordedParts
  #attributes: RecordedAttributes = ({ attributes }) => attributes

  constructor(parts: RecordedParts) {
    this.#parts = parts
  }

  parse(bytes: Buffer, from: number, to: number): ParsedLine {
    const read = readObject(bytes.toString('utf8', from, to))
    if (typeof read === 'string') return read
    if (isHeader(read)) {
      this.#attributes = this.#parts.onHeader(read)
      return null
    }
    const { lost } = read as { readonly lost?: unknown }
    if (typeof lost === 'number') {
      this.#parts.onLost(lost)
      return null
    }
    if ('ended' in read) return null
    if (!isRequest(read)) return 'it is no recorded request: it lacks at, verb or attributes'
    return playedOf(read, this.#attributes)
  }
}

/** A recorded request as it is played; null where it spent nothing. */
export function playedOf(recorded: RecordedRequest, attributes: RecordedAttributes): PlayedRequest | null {
  const { at, verb, cost, policy } = recorded
  if (verb === 'peek') return null
  return {
    atUs: Math.round(at * 1000),
    who: attributes(recorded),
    ...(verb !== 'consume' && { verb }),
    ...(cost !== undefined && { cost }),
    ...(policy !== undefined && { policy }),
  }
}

/** Whether an object is the header of a recorded log. */
export function isHeader(read: object): read is RecordHeader {
  return (read as Partial<RecordHeader>).format === RECORD_FORMAT
}

function isRequest(read: object): read is RecordedRequest {
  const { at, verb, attributes } = read as Partial<RecordedRequest>
  return (
    typeof at === 'number' &&
    typeof verb === 'string' &&
    typeof attributes === 'object' &&
    attributes !== null
  )
}
