import type { RedisConnectionOptions } from './connection-options.ts'
import type { PasswordSource } from './password.ts'
import { Sentinels } from './sentinels.ts'
import { ServerClient } from './server-client.ts'

/** Between two looks for a new primary: an old one that was cut off goes on answering. */
const LOOK_MS = 500

/** A client of the primary that Sentinels name. It moves when they name another one. */
export class SentinelClient extends ServerClient {
  readonly #sentinels: Sentinels
  #timer: NodeJS.Timeout | undefined

  constructor(options: RedisConnectionOptions, secret: PasswordSource) {
    const sentinels = new Sentinels(options)
    super(options, secret, () => sentinels.primary())
    this.#sentinels = sentinels
    this.on('ready', () => this.#lookSoon())
  }

  override disconnect(): void {
    clearTimeout(this.#timer)
    this.#sentinels.close()
    super.disconnect()
  }

  #lookSoon(): void {
    clearTimeout(this.#timer)
    // Nothing waits for it, so it keeps no process alive.
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS).unref()
  }

  async #look(): Promise<void> {
    const before = this.where
    const { host, port } = await this.#sentinels.primary().catch(() => before)
    if (this.status !== 'ready') return
    if (before === this.where && (host !== before.host || port !== before.port)) {
      this.leave(new Error(`the primary is at ${host}:${port} now`))
    } else this.#lookSoon()
  }
}
