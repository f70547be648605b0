/** The servers behind a route. */
export interface UpstreamSettings {
  /** `http://host:port`, `https://host`, or `unix:/path`, without credentials and path; at least one. */
  readonly targets: readonly string[]
  readonly timeouts: UpstreamTimeouts
  /** How often a request that is idempotent may be sent once more. */
  readonly retries: number
  readonly health: HealthSettings
  /** Most connections to each target. */
  readonly connectionsMax: number
  /** `keep`: the target sees the host that the client named; `target`: its own. */
  readonly host: 'keep' | 'target'
  /** PEM of authorities for `https` targets; null: those of the system. */
  readonly ca: string | null
}

/** In milliseconds; 0: none. */
export interface UpstreamTimeouts {
  readonly connectMs: number
  /** From the request, sent whole, to the head of the response. */
  readonly firstByteMs: number
  /** Between two pieces of a body, either way, and of a WebSocket. */
  readonly idleMs: number
  /** From the first byte of the request to the last one of the response. */
  readonly totalMs: number
}

/** When a target gets no requests. */
export interface HealthSettings {
  /** Asked for with GET, where anything below 400 is healthy; null: targets are judged by requests alone. */
  readonly path: string | null
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Failures in a row after which a target gets no requests. */
  readonly failures: number
  /** How long that is, where nothing asks for its health. */
  readonly ejectionMs: number
}
