import type { Decision } from 'headgate'
import { createRemoteLimiter, type RemoteLimiter } from 'headgate/client'
import type { RemoteSettings } from './proxy-settings/remote-settings.ts'

/** Decisions that another service makes, by connections that are kept for as long as settings stay the same. */
export class RemoteDecisions {
  #settings: RemoteSettings | null = null
  #limiter: RemoteLimiter | null = null

  /**
   * Asks about a request, which spends. Rejects with what the service takes for a mistake; where it does not answer, the decision says so as
   * its `source`.
   */
  async decide(settings: RemoteSettings, who: Readonly<Record<string, string>>): Promise<Decision> {
    // A receipt of the other service means nothing to this one.
    return { ...(await this.#limiterOf(settings).consume(who)), receipt: null }
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await this.#limiter?.close()
    this.#limiter = null
    this.#settings = null
  }

  #limiterOf(settings: RemoteSettings): RemoteLimiter {
    if (this.#limiter !== null && isSame(settings, this.#settings)) return this.#limiter
    const { token, ...options } = settings
    const before = this.#limiter
    // Requests on their way get their answers.
    if (before !== null) setTimeout(() => void before.close(), this.#settings?.deadlineMs).unref()
    this.#settings = settings
    this.#limiter = createRemoteLimiter({ ...options, ...(token !== null && { token }) })
    return this.#limiter
  }
}

function isSame(one: RemoteSettings, other: RemoteSettings | null): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}
