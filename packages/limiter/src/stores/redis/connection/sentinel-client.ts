import type { RedisConnectionOptions } from './connection-options.ts'
import type { PasswordSource } from './password.ts'
import { Sentinels } from './sentinels.ts'
import { ServerClient } from './server-client.ts'

/** Interval of asking for the primary: one that was cut off and replaced keeps answering, so no error tells. */
const CHECK_MS = 500

/** A client of the primary that Sentinels name; it reconnects when they name another one. */
export class SentinelClient extends ServerClient {
  readonly #sentinels: Sentinels
  #timer: NodeJS.Timeout | undefined

  constructor(options: RedisConnectionOptions, secret: PasswordSource) {
    const sentinels = new Sentinels(options)
    super(options, secret, () => sentinels.primary())
    this.#sentinels = sentinels
    this.on('ready', () => this.#scheduleCheck())
  }

  override disconnect(): void {
    clearTimeout(this.#timer)
    this.#sentinels.close()
    super.disconnect()
  }

  #scheduleCheck(): void {
    clearTimeout(this.#timer)
    // A background task: it must not keep the process alive.
    this.#timer = setTimeout(() => void this.#check(), CHECK_MS).unref()
  }

  async #check(): Promise<void> {
    const before = this.address
    const { host, port } = await this.#sentinels.primary().catch(() => before)
    if (this.status !== 'ready') return
    if (before === this.address && (host !== before.host || port !== before.port)) {
      this.reconnect(new Error(`the primary is at ${host}:${port} now`))
    } else this.#scheduleCheck()
  }
}
