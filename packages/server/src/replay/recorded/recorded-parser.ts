import { RECORD_FORMAT, type RecordedRequest, type RecordHeader } from '../../service/record/record-format.ts'
import { readObject } from '../parse/json-parser.ts'
import type { LineParser, ParsedLine } from '../parse/line-parser.ts'
import { inRange } from '../parse/log-time.ts'
import type { PlayedRequest } from '../played-request.ts'

/** Turns a recorded request into attributes that the configurations played can ask for; null where it asked for a limit that is not played. */
export type RecordedAttributes = (
  request: Pick<RecordedRequest, 'attributes' | 'answers' | 'policy'>,
) => Readonly<Record<string, string>> | null

/** What is done with the further headers of a log, and how its requests are read. */
export interface RecordedParts {
  /** Called with each header; what it throws ends the replay. */
  readonly onHeader: (header: RecordHeader) => RecordedAttributes
  /** Called with each reason for which requests are missing, and how many. */
  readonly onLost: (why: unknown, requests: number) => void
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
    const { lost, why } = read as { readonly lost?: unknown; readonly why?: unknown }
    if (typeof lost === 'number') {
      this.#parts.onLost(why, lost)
      return null
    }
    if ('ended' in read) return null
    if (!isRequest(read)) return 'it is no recorded request: at, verb or attributes are not there, or wrong'
    return playedOf(read, this.#attributes)
  }
}

/** A recorded request as it is played; null where it spent nothing, or not of what is played. */
export function playedOf(recorded: RecordedRequest, attributes: RecordedAttributes): PlayedRequest | null {
  const { at, verb, cost, policy } = recorded
  const who = verb === 'peek' ? null : attributes(recorded)
  if (verb === 'peek' || who === null) return null
  return {
    atUs: Math.round(at * 1000),
    who,
    ...(verb !== 'consume' && { verb }),
    ...(cost !== undefined && { cost }),
    ...(policy !== undefined && { policy }),
  }
}

/** Whether an object is the header of a recorded log. */
export function isHeader(read: object): read is RecordHeader {
  return (read as Partial<RecordHeader>).format === RECORD_FORMAT
}

const VERBS: readonly unknown[] = ['consume', 'peek', 'charge', 'credit'] satisfies RecordedRequest['verb'][]

function isRequest(read: object): read is RecordedRequest {
  const {
    at,
    verb,
    attributes,
    policy = '',
    cost = 0,
    answers = [],
  } = read as Partial<Record<keyof RecordedRequest, unknown>>
  return (
    typeof at === 'number' &&
    !Number.isNaN(inRange(at * 1000)) &&
    VERBS.includes(verb) &&
    typeof attributes === 'object' &&
    Object.values(attributes ?? [0]).every((value) => typeof value === 'string') &&
    typeof policy === 'string' &&
    typeof cost === 'number' &&
    Array.isArray(answers)
  )
}
