import type { PlayedRequest } from '../played-request.ts'

/** What a line is: a request, nothing to be played, or the reason why it cannot be read. */
export type ParsedLine = PlayedRequest | null | string

/** Reads lines of one format. Lines of a log come in order, the first one first. */
export interface LineParser {
  /** Reads the line in `bytes` from `from` on, up to and without `to`. */
  parse(bytes: Buffer, from: number, to: number): ParsedLine
}
