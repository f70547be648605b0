/** What clients are held to. Times in milliseconds. */
export interface Http2Limits {
  /** Most streams of a connection at once. */
  readonly streamsMax: number
  /** A request has to be whole, or its handler to have held it, within this. */
  readonly requestTimeoutMs: number
  /** After this a silent client is asked whether it is there, and it has to answer within that. */
  readonly keepaliveMs: number
  readonly keepaliveTimeoutMs: number
  /** A connection ends after this, give or take a tenth; requests under way then have the grace to end. */
  readonly ageMs: number
  readonly ageGraceMs: number
}
