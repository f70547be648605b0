import { wrongUsage } from '../../service/describe-failure.ts'
import { RECORD_FORMAT, type RecordHeader } from '../../service/record/record-format.ts'
import { CombinedParser } from '../parse/combined-parser.ts'
import { CsvParser } from '../parse/csv-parser.ts'
import { EnvoyParser } from '../parse/envoy-parser.ts'
import { FieldMap } from '../parse/field-map.ts'
import { guessFormat, LOG_FORMATS, type LogFormat } from '../parse/guess-format.ts'
import { JsonParser, readObject } from '../parse/json-parser.ts'
import type { LineParser } from '../parse/line-parser.ts'
import { isHeader, RecordedParser, type RecordedParts } from '../recorded/recorded-parser.ts'
import { openLog } from './open-log.ts'

/** How logs are read. */
export interface ReadOptions {
  /** Undefined: it is guessed for each log. */
  readonly format?: LogFormat | undefined
  /** Attribute by field, for logs whose fields have names. */
  readonly columns?: ReadonlyMap<string, string> | undefined
  /** Those of its fields that no line had yet. */
  readonly unseen?: Set<string> | undefined
}

/** A log that is open, and of which it is known what it is. */
export interface LogSource {
  readonly name: string
  readonly format: LogFormat
  /** That of a recorded log. */
  readonly header: RecordHeader | null
  /** In bytes as it lies there; null where that is not known. */
  readonly size: number | null
  readonly bytesRead: () => number
  /** Whether its end was not there; known when it is read. */
  readonly isCutOff: () => boolean
  readonly chunks: AsyncIterable<Buffer>
  close(): void
}

/** Lines by which a format is guessed. */
const LINES_LOOKED_AT = 10

/** Opens a log and finds out its format. Null where it has nothing in it. */
export async function openSource(name: string, { format }: ReadOptions): Promise<LogSource | null> {
  const log = await openLog(name)
  const first = await log.chunks.next()
  if (first.done === true) return null
  const lines = first.value
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .slice(0, LINES_LOOKED_AT)
  const found = format ?? guessFormat(lines)
  if (found === null) {
    log.close()
    throw wrongUsage(`${name}: line 1 is of no known format; give --format, one of ${LOG_FORMATS.join(', ')}`)
  }
  const header = found === 'recorded' ? headerOf(name, lines[0] ?? '') : null
  return { ...log, format: found, header, chunks: withFirst(first.value, log.chunks) }
}

/** What reads the lines of a log. */
export function parserOf(
  { format }: Pick<LogSource, 'format'>,
  { columns = new Map(), unseen }: ReadOptions,
  recorded: RecordedParts,
): LineParser {
  switch (format) {
    case 'combined':
    case 'vhost':
      return new CombinedParser(format)
    case 'json':
      return new JsonParser(new FieldMap(columns, unseen))
    case 'csv':
      return new CsvParser(new FieldMap(columns, unseen), columns)
    case 'envoy':
      return new EnvoyParser()
    case 'recorded':
      return new RecordedParser(recorded)
  }
}

function headerOf(name: string, line: string): RecordHeader {
  const read = readObject(line)
  if (typeof read !== 'string' && isHeader(read)) return read
  throw wrongUsage(`${name}: line 1 is no header of ${RECORD_FORMAT}; record it again, or name its --format`)
}

async function* withFirst(first: Buffer, rest: AsyncIterable<Buffer>): AsyncIterableIterator<Buffer> {
  yield first
  yield* rest
}
