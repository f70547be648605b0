/**
 * A recorded log: lines of JSON, of which the first is a `RecordHeader`. Others are a `RecordedRequest` each, in the order of
 * decisions but for those of different threads, which are at most a second late; a `RecordedGap` where requests are missing; and
 * another header wherever another configuration came into force, which holds for the lines after it and hashes the same. The last line is a `RecordedEnd` where
 * the service ended the recording; without one, whoever recorded did, or the connection broke. What writes it is `headgate record`,
 * what reads it is `headgate replay`.
 */

/** Name and version of the format. */
export const RECORD_FORMAT = 'headgate-record-1'

/** What holds of all requests until the next header. */
export interface RecordHeader {
  readonly format: typeof RECORD_FORMAT
  /** When it began to hold, in milliseconds since 1970. */
  readonly at: number
  /** Hash of the configuration that decided. */
  readonly hash: string
  /** Which requests are there: all of a share of the values of one attribute. Null: all requests. */
  readonly sample: RecordSample | null
  /**
   * Attributes whose values are hashed, so that equal values stay equal and nobody reads them. The same in all headers. A hashed `ip` is an address of
   * `fd00::/8` that is equal for equal addresses, and of one /56 (or /64) for addresses of one. Entries of descriptors are named as
   * in `descriptor.tenant`.
   */
  readonly hashed: readonly string[]
  /** By which a seed is known to be that of the recording; it says nothing else of it. */
  readonly check: string
  /** What policies asked of hashed attributes, in the order of `RecordedRequest.answers`, which is not that of the configuration. */
  readonly questions: readonly RecordQuestion[]
}

/** All requests of a share of the keys. */
export interface RecordSample {
  readonly attribute: string
  /** Above 0, at most 1. */
  readonly share: number
}

/**
 * Whether a hashed attribute fits a pattern of `match`, `overrides`, `allow` or `deny` that stands for several values. One that is a value is not
 * asked: with the seed it is known by its hash.
 */
export interface RecordQuestion {
  readonly attribute: string
  /** Of the pattern, under the seed: it may say whom it is about. */
  readonly hash: string
}

/** One decision. */
export interface RecordedRequest {
  /** In milliseconds since 1970, with up to three decimals. */
  readonly at: number
  /** Who reserves or waits consumes. */
  readonly verb: 'consume' | 'peek' | 'charge' | 'credit'
  /**
   * As the policies saw them: resolved attributes too. A plain key is `key`; a `descriptor` is the JSON of its entries,
   * `[["tenant","acme"]]`: `attributesOfRecorded` reads it.
   */
  readonly attributes: Readonly<Record<string, string>>
  /** The limit that was asked for by name; absent where policies matched. */
  readonly policy?: string
  /** Absent: what policies say. */
  readonly cost?: number
  readonly allowed: boolean
  /** Where `questions` are answered yes, by index; absent: nowhere. */
  readonly answers?: readonly number[]
  /**
   * The same number for requests that were decided together, whose lines follow each other: where one of them is denied, none was spent.
   * A request that passes by itself is `allowed` all the same. Absent: it was decided alone.
   */
  readonly joint?: number
  /** Name of its any-of group within a joint decision, which is denied only where all of the group are. */
  readonly anyOf?: string
}

/** Requests that are missing from here on back. */
export interface RecordedGap {
  readonly at: number
  /** How many, at least 1. */
  readonly lost: number
  readonly why: GapReason
}

/**
 * The reader was too slow (`slow-reader`); they lack the attribute that is sampled (`no-attribute`); their call brought a limit of
 * its own, which no configuration has (`own-limit`); they were more of a reservation, which says nothing of whom it is
 * (`reservation`); or their attributes are longer than a line takes (`too-large`).
 */
export type GapReason = 'slow-reader' | 'no-attribute' | 'own-limit' | 'reservation' | 'too-large'

/** Why the service ended a recording. */
export interface RecordedEnd {
  readonly at: number
  /** One sentence. */
  readonly ended: string
}
