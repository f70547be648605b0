import type { RedisAddress, RedisConnectionOptions } from './connection-options.ts'
import { inOrder, logIn } from './greet.ts'
import type { Reply } from './reply-parser.ts'
import { Session } from './session.ts'

const DEFAULT_PORT = 26_379

/** Asks all Sentinels at once for the primary, and keeps the session with the first that answers. */
export class Sentinels {
  readonly #options: RedisConnectionOptions
  /** The Sentinel that answered last and those it reported; older ones are dropped, since addresses change. */
  #known: readonly RedisAddress[] = []
  readonly #sessions = new Set<Session>()
  #current: Session | undefined
  #closed = false

  constructor(options: RedisConnectionOptions) {
    this.#options = options
  }

  /** The address of the primary; rejects when no Sentinel knows it. */
  async primary(): Promise<RedisAddress> {
    const { name = '', sentinels = [] } = this.#options
    if (this.#current) {
      const session = this.#current
      const address = await this.#ask(session, name).catch(() => null)
      if (address) return address
      session.close(new Error('this Sentinel does not know the primary'))
    }
    const candidates = [...sentinels, ...this.#known]
    try {
      return await Promise.any(candidates.map((address) => this.#askAt(address, name)))
    } catch (reason) {
      const [cause] = (reason as AggregateError).errors
      throw new Error(`no Sentinel knows the primary ${name}: ${(cause as Error).message}`, { cause })
    }
  }

  close(): void {
    this.#closed = true
    for (const session of this.#sessions) session.close(new Error('the connection was closed'))
  }

  async #askAt(address: RedisAddress, name: string): Promise<RedisAddress> {
    if (this.#closed) throw new Error('the connection was closed')
    const { sentinelUsername: username, sentinelPassword: password, tls } = this.#options
    const session = new Session({ port: DEFAULT_PORT, ...address, ...(tls && { tls }) }, () => {
      this.#sessions.delete(session)
      if (this.#current === session) this.#current = undefined
    })
    this.#sessions.add(session)
    try {
      await session.opened
      const login = logIn(session, username, password)
      const primary = this.#ask(session, name)
      const others = session.call(['SENTINEL', 'SENTINELS', name])
      await inOrder([login, primary, others])
      this.#known = [address, ...sentinelsIn(await others)]
      // Another one answered first.
      if (this.#current) session.close(new Error('the connection was closed'))
      this.#current ??= session
      return await primary
    } catch (reason) {
      session.close(reason as Error)
      throw reason
    }
  }

  async #ask(session: Session, name: string): Promise<RedisAddress> {
    const reply = await session.call(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name])
    const [host, port] = Array.isArray(reply) ? reply : []
    if (typeof host === 'string' && Number(port) > 0) return { host, port: Number(port) }
    throw new Error(`${name} is no primary of theirs`)
  }
}

/** Reads the reply to SENTINEL SENTINELS: for each a list of names and values in turn. */
function sentinelsIn(reply: Reply): RedisAddress[] {
  if (!Array.isArray(reply)) return []
  return reply.flatMap((fields) => {
    if (!Array.isArray(fields)) return []
    const host = fields[fields.indexOf('ip') + 1]
    const port = Number(fields[fields.indexOf('port') + 1])
    return typeof host === 'string' && port > 0 ? [{ host, port }] : []
  })
}
