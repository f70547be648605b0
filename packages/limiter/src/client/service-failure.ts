/** Whether a service that gave no answer can have spent: not where it says that it stops, or nobody listens. */
export type FailureKind = 'stops' | 'unreached' | 'other'

interface ServiceFailureOptions {
  readonly cause?: unknown
  /** @default 'other' */
  readonly kind?: FailureKind
  /** After how many milliseconds to ask again. @default 500 */
  readonly retryAfterMs?: number
}

/** The service gave no answer that counts: `onError` decides. The message says what happened, without the token. */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure'
  readonly kind: FailureKind
  readonly retryAfterMs: number

  constructor(message: string, options: ServiceFailureOptions = {}) {
    super(message, options)
    const { kind = 'other', retryAfterMs = 500 } = options
    this.kind = kind
    this.retryAfterMs = retryAfterMs
  }
}
