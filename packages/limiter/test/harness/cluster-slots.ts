/** Moving slots from one node of a cluster to another while clients use them. */
import type { ClusterNode } from './cluster-node.ts'
import type { RedisConnection } from './redis-connection.ts'
import { harnessLogin } from './redis-setup.ts'

export interface Move {
  readonly slot: number
  readonly from: ClusterNode
  readonly to: ClusterNode
}

export interface MoveOptions {
  /** Called when half of the keys have moved: clients are told ASK, or TRYAGAIN where they name keys of both halves. */
  readonly halfway?: () => Promise<void>
}

const KEYS_AT_ONCE = 100
const MIGRATE_MS = 5000
const AUTH = ['AUTH2', harnessLogin.name, harnessLogin.password]

/** Connections to both ends, for many slots. */
export class SlotMover implements Disposable {
  readonly #from: RedisConnection
  readonly #to: RedisConnection

  private constructor(from: RedisConnection, to: RedisConnection) {
    this.#from = from
    this.#to = to
  }

  static async open(from: ClusterNode, to: ClusterNode): Promise<SlotMover> {
    return new SlotMover(await from.server.connect(), await to.server.connect())
  }

  async move({ slot, from, to }: Move, { halfway }: MoveOptions = {}): Promise<void> {
    await this.#to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
    await this.#from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
    if (halfway !== undefined) {
      const keys = await this.#keys(slot, Number(await this.#from.call('CLUSTER', 'COUNTKEYSINSLOT', slot)))
      await this.#migrate(keys.slice(0, Math.ceil(keys.length / 2)), to)
      await halfway()
    }
    for (let keys = await this.#keys(slot); keys.length > 0; keys = await this.#keys(slot)) {
      await this.#migrate(keys, to)
    }
    // The new owner first: until the old one knows, it still sends clients there.
    await this.#to.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
    await this.#from.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
  }

  [Symbol.dispose](): void {
    this.#from.close()
    this.#to.close()
  }

  async #keys(slot: number, count: number = KEYS_AT_ONCE): Promise<readonly string[]> {
    return (await this.#from.call('CLUSTER', 'GETKEYSINSLOT', slot, count)) as readonly string[]
  }

  async #migrate(keys: readonly string[], to: ClusterNode): Promise<void> {
    if (keys.length === 0) return
    await this.#from.call('MIGRATE', '127.0.0.1', to.server.port, '', 0, MIGRATE_MS, ...AUTH, 'KEYS', ...keys)
  }
}
