/** A script that runs for ever, so that everybody else is told BUSY. */
import { type Endpoint, RedisConnection } from './redis-connection.ts'
import { type Command, isRefused } from './redis-faults.ts'
import { until } from './until.ts'

const BUSY_AFTER_MS = 20
const DEFAULT_BUSY_AFTER_MS = 5000
const LONGEST_MS = 3_600_000

export class BusyScript {
  readonly #connection: RedisConnection
  readonly #ended: Promise<void>

  private constructor(connection: RedisConnection) {
    this.#connection = connection
    const ended = (): void => {}
    this.#ended = connection.call('EVAL', 'while true do end', 0).then(ended, ended)
  }

  /** Resolves once the server answers BUSY. */
  static async start(endpoint: Endpoint, command: Command): Promise<BusyScript> {
    // The old name of `busy-reply-threshold`, which Redis 6 knows too.
    await command('CONFIG', 'SET', 'lua-time-limit', BUSY_AFTER_MS)
    const script = new BusyScript(await RedisConnection.open(endpoint, { withinMs: LONGEST_MS }))
    await until('redis-server is busy with a script', () => isRefused(command('PING'), 'BUSY'))
    return script
  }

  async kill(command: Command): Promise<void> {
    await command('SCRIPT', 'KILL')
    await this.#ended
    this.close()
    await command('CONFIG', 'SET', 'lua-time-limit', DEFAULT_BUSY_AFTER_MS)
  }

  close(): void {
    this.#connection.close()
  }
}
