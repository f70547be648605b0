/** A Redis Cluster of processes of this machine. */
import type { RedisServer } from '../redis-server.ts'
import { type ClusterNode, formCluster, SLOTS, startNode } from './cluster-node.ts'
import { type MoveOptions, SlotMover } from './cluster-slots.ts'
import { countSlots, type NodeView, owns, topology, viewOf } from './cluster-view.ts'
import type { RedisServerOptions } from './redis-setup.ts'
import { follows, type Handover } from './replication.ts'
import { Started } from './started.ts'
import { until } from './until.ts'

export interface RedisClusterOptions {
  /** Fewer than three elect nobody. @default 3 */
  readonly masters?: number
  /** @default 1 */
  readonly replicasPerMaster?: number
  /** How long a node may be silent. @default 1000 */
  readonly nodeTimeoutMs?: number
  /** More arguments of each redis-server. */
  readonly args?: readonly string[]
  /** @default those of the page for a Cluster, by URLs and by clients of users */
  readonly permissions?: NonNullable<RedisServerOptions['permissions']>
}

/** `manual` loses nothing; `force` does without the master, and `takeover` without the consent of the others. */
export type ClusterFailover = 'kill' | 'freeze' | 'manual' | 'force' | 'takeover'

const WITHIN = { withinMs: 30_000 }
const PERMISSIONS = ['a Cluster', 'clients of yours,', 'clients of yours for a Cluster'] as const
// A replica that was told to take over stops trying after 5 s.
const VOTE_MS = 6000

/** Start it with `await using cluster = await RedisCluster.start()`. */
export class RedisCluster implements AsyncDisposable {
  readonly #nodes: readonly ClusterNode[]

  private constructor(nodes: readonly ClusterNode[]) {
    this.#nodes = nodes
  }

  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { masters = 3, replicasPerMaster = 1, nodeTimeoutMs = 1000, args = [] } = options
    const { permissions = PERMISSIONS } = options
    await using started = new Started()
    const nodes = await Promise.all(
      Array.from({ length: masters * (1 + replicasPerMaster) }, async () => {
        const node = await startNode({ nodeTimeoutMs, args, permissions })
        started.use(node.server)
        return node
      }),
    )
    await formCluster(nodes.slice(0, masters), nodes.slice(masters))
    const cluster = new RedisCluster(nodes)
    await cluster.#replicasAssigned(masters * replicasPerMaster)
    await cluster.settled()
    started.move()
    return cluster
  }

  get nodes(): readonly RedisServer[] {
    return this.#nodes.map(({ server }) => server)
  }

  /** Where the nodes listen, as clients want to know it. */
  get addresses(): readonly { readonly host: string; readonly port: number }[] {
    return this.nodes.map(({ port }) => ({ host: '127.0.0.1', port }))
  }

  /** Who has slots now. */
  async masters(): Promise<readonly RedisServer[]> {
    const view = await viewOf(this.#anyone)
    return view
      .filter((node) => node.isMaster && countSlots(node) > 0)
      .map((node) => this.#byId(node.id).server)
  }

  async replicasOf(master: RedisServer): Promise<readonly RedisServer[]> {
    const { id } = this.#byServer(master)
    const view = await viewOf(this.#anyone)
    return view.filter((node) => node.masterId === id).map((node) => this.#byId(node.id).server)
  }

  async slotOf(key: string): Promise<number> {
    return Number(await this.#anyone.command('CLUSTER', 'KEYSLOT', key))
  }

  /** The master that has the key. */
  async nodeOf(key: string): Promise<RedisServer> {
    return (await this.#ownerOf(await this.slotOf(key))).server
  }

  async slotsOf(master: RedisServer): Promise<readonly number[]> {
    const { id } = this.#byServer(master)
    const ranges = (await viewOf(this.#anyone)).find((node) => node.id === id)?.slots ?? []
    return ranges.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    )
  }

  /** Has a replica take over from the master of this key, and resolves when all nodes that run say so. */
  async failover(key: string, how: ClusterFailover): Promise<Handover> {
    const slot = await this.slotOf(key)
    const from = (await this.#ownerOf(slot)).server
    const to = await until(
      `a replica takes over from port ${from.port}`,
      () => this.#handOver(slot, from, how),
      WITHIN,
    )
    await this.settled()
    return { from, to }
  }

  /** Resumes or restarts whoever is frozen or dead, and resolves when they have joined in again. */
  async bringBack(): Promise<void> {
    for (const server of this.nodes) {
      if (server.state === 'frozen') server.resume()
      else if (server.state === 'dead') await server.restart()
    }
    await this.settled()
  }

  /** Moves one slot with its keys to `to`. */
  async moveSlot(slot: number, to: RedisServer, options: MoveOptions = {}): Promise<void> {
    const [from, target] = [await this.#ownerOf(slot), this.#byServer(to)]
    using mover = await SlotMover.open(from, target)
    await mover.move({ slot, from, to: target }, options)
    await this.settled()
  }

  /** Moves so many slots, the lowest first, with their keys. */
  async reshard(count: number, from: RedisServer, to: RedisServer): Promise<void> {
    const ends = { from: this.#byServer(from), to: this.#byServer(to) }
    using mover = await SlotMover.open(ends.from, ends.to)
    for (const slot of (await this.slotsOf(from)).slice(0, count)) await mover.move({ slot, ...ends })
    await this.settled()
  }

  /** Resolves when all nodes that run agree on each other, call the cluster well, and replicas have all there is. */
  async settled(): Promise<void> {
    await until('all nodes agree on owners of slots and on replicas', () => this.#assertAgreement(), WITHIN)
    await Promise.all(this.#running.map(({ server }) => this.#isWell(server)))
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((server) => server.stop()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  get #running(): readonly ClusterNode[] {
    return this.#nodes.filter(({ server }) => server.state === 'running')
  }

  get #anyone(): RedisServer {
    const [node] = this.#running
    if (node === undefined) throw new Error('No node of the cluster runs')
    return node.server
  }

  #byId(id: string): ClusterNode {
    return this.#nodes.find((node) => node.id === id) ?? unknown(`with the id ${id}`)
  }

  #byServer(server: RedisServer): ClusterNode {
    return this.#nodes.find((node) => node.server === server) ?? unknown(`on port ${server.port}`)
  }

  async #ownerOf(slot: number): Promise<ClusterNode> {
    const owner = (await viewOf(this.#anyone)).find((node) => owns(node, slot))
    return owner === undefined ? unknown(`that owns slot ${slot}`) : this.#byId(owner.id)
  }

  /** One attempt: the masters do not vote for two successors of one master within twice the node timeout. */
  async #handOver(slot: number, from: RedisServer, how: ClusterFailover): Promise<RedisServer> {
    const done = await this.#another(slot, from)
    if (done !== null) return done
    await this.#takeOut(from, how)
    return await until('the vote', () => this.#another(slot, from), { withinMs: VOTE_MS })
  }

  async #takeOut(master: RedisServer, how: ClusterFailover): Promise<void> {
    if (how === 'kill') return await master.crash()
    if (how === 'freeze') return master.freeze()
    const [replica] = await this.replicasOf(master)
    if (replica === undefined) throw new Error(`The master on port ${master.port} has no replica`)
    await replica.command('CLUSTER', 'FAILOVER', ...(how === 'manual' ? [] : [how.toUpperCase()]))
  }

  async #another(slot: number, than: RedisServer): Promise<RedisServer | null> {
    const { server } = await this.#ownerOf(slot)
    return server === than ? null : server
  }

  async #replicasAssigned(count: number): Promise<void> {
    const areAssigned = async (): Promise<boolean> => {
      const views = await Promise.all(this.nodes.map(viewOf))
      return views.every((view) => view.filter((node) => node.masterId !== null).length === count)
    }
    await until('all nodes know who is a replica', areAssigned, WITHIN)
  }

  async #assertAgreement(): Promise<true> {
    const running = this.#running
    const ids = new Set(running.map(({ id }) => id))
    const views = (await Promise.all(running.map(({ server }) => viewOf(server)))).map((view) =>
      view.filter((node) => node.isKnown && ids.has(node.id)),
    )
    const isComplete = views.every((view) => view.length === running.length && slotsIn(view) === SLOTS)
    if (isComplete && new Set(views.map(topology)).size === 1) return true
    const texts = await Promise.all(running.map(({ server }) => server.command('CLUSTER', 'NODES')))
    throw new Error(`The views of the nodes, one by one:\n${texts.join('\n')}`)
  }

  async #isWell(server: RedisServer): Promise<void> {
    const isOk = async (): Promise<boolean> =>
      String(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok')
    await until(`the node on port ${server.port} calls the cluster well`, isOk, WITHIN)
    const masterPort = Number(await server.info('master_port'))
    const master = this.nodes.find(({ port }) => port === masterPort)
    if (master !== undefined) await follows(server, master)
  }
}

function slotsIn(view: readonly NodeView[]): number {
  return view.reduce((sum, node) => sum + countSlots(node), 0)
}

function unknown(which: string): never {
  throw new Error(`There is no node ${which} in this cluster`)
}
