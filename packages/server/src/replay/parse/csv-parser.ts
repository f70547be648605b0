import { wrongUsage } from '../../service/describe-failure.ts'
import type { FieldMap } from './field-map.ts'
import type { LineParser, ParsedLine } from './line-parser.ts'

const DELIMITERS = ['\t', ';', ',']

/** Reads tables whose first line has the names of their columns; they are parted by commas, semicolons or tabs. */
export class CsvParser implements LineParser {
  readonly #fields: FieldMap
  readonly #columns: ReadonlyMap<string, string>
  #delimiter = ','
  /** Where each column stands; null before the first line. */
  #places: ReadonlyMap<string, number> | null = null

  constructor(fields: FieldMap, columns: ReadonlyMap<string, string>) {
    this.#fields = fields
    this.#columns = columns
  }

  parse(bytes: Buffer, from: number, to: number): ParsedLine {
    const line = bytes.toString('utf8', from, to)
    const places = this.#places
    if (places === null) {
      this.#readHeader(line.replace(/^\uFEFF/, ''))
      return null
    }
    const cells = splitCsv(line, this.#delimiter)
    if (cells === null) return 'it has a quote that does not end in the line'
    return this.#fields.request((field) => {
      const place = places.get(field)
      return place === undefined ? undefined : cells[place]
    })
  }

  #readHeader(line: string): void {
    this.#delimiter = delimiterOf(line)
    const names = splitCsv(line, this.#delimiter) ?? []
    this.#places = new Map(names.map((name, i) => [name.trim(), i]))
    const unknown = [...this.#columns.keys()].find((field) => !this.#places?.has(field))
    if (unknown === undefined) return
    throw wrongUsage(`--columns names ${unknown}, and the columns of the log are ${names.join(', ')}`)
  }
}

/** What parts the columns of a first line. */
export function delimiterOf(line: string): string {
  return DELIMITERS.find((one) => line.includes(one)) ?? ','
}

/** The cells of one line; null where a quote does not end. */
export function splitCsv(line: string, delimiter: string): string[] | null {
  if (!line.includes('"')) return line.split(delimiter)
  const cells: string[] = []
  let at = 0
  for (;;) {
    const isQuoted = line[at] === '"'
    const end = isQuoted ? closingQuote(line, at + 1) : line.indexOf(delimiter, at)
    if (isQuoted && end < 0) return null
    if (isQuoted) cells.push(line.slice(at + 1, end).replaceAll('""', '"'))
    else cells.push(end < 0 ? line.slice(at) : line.slice(at, end))
    const next = isQuoted ? line.indexOf(delimiter, end + 1) : end
    if (next < 0) return cells
    at = next + 1
  }
}

function closingQuote(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 2)) {
    if (line[at + 1] !== '"') return at
  }
  return -1
}
