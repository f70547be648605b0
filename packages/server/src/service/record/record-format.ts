/**
 * A recorded log: lines of JSON, of which the first is a `RecordHeader` and each further one a `RecordedRequest`, in the
 * order of decisions. What writes it is `headgate record`, what reads it is `headgate replay`.
 */

/** Name and version of the format. */
export const RECORD_FORMAT = 'headgate-record-1'

/** What holds of all requests of a log. */
export interface RecordHeader {
  readonly format: typeof RECORD_FORMAT
  /** When it began, in milliseconds since 1970. */
  readonly at: number
  /** Hash of the configuration that decided. */
  readonly hash: string
  /** Which requests are there: all of a share of the values of one attribute. Null: all requests. */
  readonly sample: RecordSample | null
  /** Attributes whose values are hashed, so that equal values stay equal and nobody reads them. */
  readonly hashed: readonly string[]
  /** What policies asked of hashed attributes, in the order of `RecordedRequest.answers`. */
  readonly questions: readonly RecordQuestion[]
}

/** All requests of a share of the keys. */
export interface RecordSample {
  readonly attribute: string
  /** Above 0, at most 1. */
  readonly share: number
}

/** Whether a hashed attribute fits a pattern of `match`, `overrides`, `allow` or `deny`. */
export interface RecordQuestion {
  readonly attribute: string
  readonly pattern: string
}

/** One decision. */
export interface RecordedRequest {
  /** In milliseconds since 1970, with up to three decimals. */
  readonly at: number
  readonly verb: 'consume' | 'peek' | 'charge' | 'credit'
  /** As the policies saw them: those of descriptors and resolved attributes too. */
  readonly attributes: Readonly<Record<string, string>>
  /** The limit that was asked for by name; absent where policies matched. */
  readonly policy?: string
  /** Absent: what policies say. */
  readonly cost?: number
  readonly allowed: boolean
  /** Where `questions` are answered yes, by index; absent: nowhere. */
  readonly answers?: readonly number[]
}
