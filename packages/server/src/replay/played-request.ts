import type { RecordedRequest } from '../service/record/record-format.ts'

/** One request of a log, as it is played. */
export interface PlayedRequest {
  /** When it came, in microseconds since 1970. */
  readonly atUs: number
  /** What policies know of it. */
  readonly who: Readonly<Record<string, string>>
  /**
   * What it does.
   * @default 'consume'
   */
  readonly verb?: Exclude<RecordedRequest['verb'], 'peek'>
  /**
   * Units it spends.
   * @default what policies say
   */
  readonly cost?: number
  /**
   * The limit it asks for by name.
   * @default those that match
   */
  readonly policy?: string
}

/** The attribute that has the status of the response. */
export const STATUS_ATTRIBUTE = 'status'
