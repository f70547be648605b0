/** Another service of Headgate, which a proxy asks about requests. */
export interface RemoteSettings {
  /** As `http://headgate:8080`. */
  readonly url: string
  /** Sent as a bearer token; null: that of the variable `HEADGATE_TOKEN`, if any. */
  readonly token: string | null
  /** What becomes of requests while it does not answer: all pass, or none. */
  readonly onError: 'open' | 'closed'
  /** Longest wait for its answer. */
  readonly deadlineMs: number
}
