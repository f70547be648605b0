import type { ErrorDescription } from 'headgate/http'
import { withinTime } from './time-limit.ts'

/** Why no traffic should be sent here. */
export interface NotReady extends ErrorDescription {
  readonly ready: false
}

/** Whether traffic may be sent here. */
export type Readiness = { readonly ready: true } | NotReady

/** What readiness is read from. */
export interface ReadinessSource {
  /** Rejects when the store cannot answer. */
  readonly ping: () => Promise<void>
  /** Whether the store is left alone after failures. */
  readonly isStoreDown: () => boolean
  /** Why nobody is there to answer clients; null: somebody is. */
  readonly whyUnserved: () => string | null
}

/** A store that takes longer is not ready. */
const PING_LIMIT_MS = 1000

const STORE_DOWN = notReady('store-unavailable', 'the store does not answer')
const STOPPING = notReady('closed', 'shutting down')

/** Whether a service is ready: its store takes writes, and it does not stop. */
export class ReadinessCheck {
  readonly #source: ReadinessSource
  #draining = false
  #pending: Promise<Readiness> | null = null

  constructor(source: ReadinessSource) {
    this.#source = source
  }

  get isDraining(): boolean {
    return this.#draining
  }

  async read(): Promise<Readiness> {
    if (this.#draining) return STOPPING
    const whyUnserved = this.#source.whyUnserved()
    if (whyUnserved !== null) return notReady('closed', whyUnserved)
    // Its probes find out when the store is back, also where no request comes.
    if (this.#source.isStoreDown()) return STORE_DOWN
    // Whoever asks meanwhile gets the same answer: probes must not add load to a store in trouble.
    this.#pending ??= this.#askStore()
    return this.#pending
  }

  /** Says no from now on. */
  drain(): void {
    this.#draining = true
  }

  async #askStore(): Promise<Readiness> {
    try {
      await withinTime(this.#source.ping(), PING_LIMIT_MS)
      return { ready: true }
    } catch {
      return STORE_DOWN
    } finally {
      this.#pending = null
    }
  }
}

function notReady(code: 'store-unavailable' | 'closed', detail: string): NotReady {
  return { ready: false, code, detail, path: '', retryAfterSeconds: 1 }
}
