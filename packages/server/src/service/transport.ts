/** What a fast path has done since it began. */
export interface FastPathFigures {
  /** Requests that it answered. */
  readonly answered: number
  /** Connections that it gave to the ordinary server, by the reason; one of few. */
  readonly handedOver: Readonly<Record<string, number>>
}

/** Whom a transport sent away since it began, by the reason, which is one of few. */
export interface SentAwayFigures {
  readonly connections: Readonly<Record<string, number>>
  /** Requests of connections that went on. */
  readonly streams: Readonly<Record<string, number>>
}

/** A wire by which requests reach the service: it translates, and the service decides. */
export interface Transport {
  /** Names it in events and logs; one of few. */
  readonly name: string
  /** Begins to take requests; answers the URL it can be reached at. Rejects with a sentence that names the fix. */
  listen(): Promise<string>
  /** How many connections are open now; absent where nobody counts them. */
  readonly connections?: () => number
  /** What was answered in front of the server that knows all of HTTP; absent where nothing is. */
  readonly fastPath?: () => FastPathFigures
  /** Absent, or undefined, where nobody counts them. */
  readonly sentAway?: () => SentAwayFigures | undefined
  /** Takes no new connections; resolves once requests under way are answered. */
  drain(): void | Promise<void>
  /** Ends what is still open, answered or not. */
  close(): Promise<void>
}
