import { EventEmitter } from 'node:events'
import type { RedisAddress, RedisConnectionOptions } from './connection-options.ts'
import { type OwnClient, retryDelayMs } from './lazy-client.ts'
import type { PasswordSource } from './password.ts'
import { type Reply, ReplyError } from './reply-parser.ts'
import { ServerClient } from './server-client.ts'
import { type Redirection, redirectionOf, SLOTS, type SlotRange, slotOf, slotRanges } from './slots.ts'

interface Events {
  error: [Error]
  connecting: []
  ready: []
}

/** Most redirections that one command follows. */
const REDIRECTIONS_MAX = 4
/** Nodes asked for the slot map at a time; the first answer is taken. */
const CANDIDATES_MAX = 3
/** Longest delay between two refreshes of the slot map while a primary cannot be reached. */
const REFRESH_DELAY_MAX_MS = 1000

/**
 * A client for a Cluster: one client per primary, and the slot map. The map is refreshed after a MOVED redirection,
 * and repeatedly while a primary cannot be reached. MOVED and ASK are followed, since the command was not executed; a
 * command whose connection broke is not sent again, since it may have been.
 */
export class ClusterClient extends EventEmitter<Events> implements OwnClient {
  status: 'wait' | 'connecting' | 'ready' | 'end' = 'wait'
  readonly #options: RedisConnectionOptions
  readonly #secret: PasswordSource
  readonly #nodes = new Map<string, Node>()
  readonly #owners: (Node | undefined)[] = new Array(SLOTS)
  #timer: NodeJS.Timeout | undefined
  /** Refreshes in a row after which a primary could not be reached. */
  #refreshes = 0

  constructor(options: RedisConnectionOptions, secret: PasswordSource) {
    super()
    this.#options = options
    this.#secret = secret
  }

  evalsha(sha: string, keyCount: number, ...rest: string[]): Promise<Reply> {
    return this.#call(['EVALSHA', sha, String(keyCount), ...rest])
  }

  eval(script: string, keyCount: number, ...rest: string[]): Promise<Reply> {
    return this.#call(['EVAL', script, String(keyCount), ...rest])
  }

  /** INFO of any connected node. */
  info(section: string): Promise<Reply> {
    const node = [...this.#nodes.values()].find(({ client }) => client.status === 'ready')
    return node ? node.client.call(['INFO', section]) : Promise.reject(new Error('there is no connection'))
  }

  /** Resolves when the slot map is known and every primary was tried once; after a rejection it keeps trying. */
  async connect(): Promise<void> {
    this.status = 'connecting'
    this.emit('connecting')
    try {
      await this.#refreshSlots()
    } catch (reason) {
      this.#scheduleRefresh()
      throw reason
    }
  }

  disconnect(): void {
    if (this.status === 'end') return
    this.status = 'end'
    clearTimeout(this.#timer)
    for (const { client } of this.#nodes.values()) client.disconnect()
  }

  #call(command: readonly string[]): Promise<Reply> {
    const node = this.#owners[slotOf(command[3] as string)]
    if (node) return this.#send(node, command, REDIRECTIONS_MAX)
    this.#scheduleRefresh()
    return Promise.reject(new Error('no node has the slot of this key'))
  }

  #send(node: Node, command: readonly string[], redirections: number): Promise<Reply> {
    return node.client.call(command).catch((reason: unknown) => {
      const message = reason instanceof ReplyError ? reason.message : ''
      // This node lost its slots or is cut off from the others; only they know the new owners.
      if (message.startsWith('CLUSTERDOWN')) this.#scheduleRefresh(node)
      const redirection = redirections > 0 ? redirectionOf(message, node.address) : null
      if (redirection === null) throw reason
      return this.#follow(redirection, command, redirections - 1)
    })
  }

  async #follow(
    { asking, slot, to }: Redirection,
    command: readonly string[],
    redirections: number,
  ): Promise<Reply> {
    const node = this.#node(to)
    if (!asking) {
      this.#owners[slot] = node
      this.#scheduleRefresh()
    }
    await node.attempt
    // If ASKING fails, the command that follows on the same connection fails too, and reports it.
    if (asking) node.client.call(['ASKING']).catch(() => {})
    return this.#send(node, command, redirections)
  }

  /** Fetches the slot map from any node but `except`; rejects when none answers. */
  async #refreshSlots(except?: Node): Promise<void> {
    const known = [...this.#nodes.values()].filter(
      (node) => node !== except && node.client.status === 'ready',
    )
    const nodes = known.length > 0 ? known : (this.#options.nodes ?? []).map((address) => this.#node(address))
    const candidates = nodes.sort(() => Math.random() - 0.5).slice(0, CANDIDATES_MAX)
    const ranges = await Promise.any(candidates.map(slotRangesFrom)).catch(({ errors }: AggregateError) => {
      throw errors[0]
    })
    this.#owners.fill(undefined)
    for (const { first, last, primary } of ranges) this.#owners.fill(this.#node(primary), first, last + 1)
    if (this.status === 'connecting') await this.#enter()
  }

  async #enter(): Promise<void> {
    for (const [name, node] of this.#nodes) if (!this.#owners.includes(node)) this.#drop(name, node)
    await Promise.all([...this.#nodes.values()].map(({ attempt }) => attempt))
    if (this.status !== 'connecting') return
    this.status = 'ready'
    this.emit('ready')
  }

  /** Refreshes the slot map after a delay, and again while a primary cannot be reached. */
  #scheduleRefresh(except?: Node): void {
    if (this.status === 'end' || this.#timer) return
    const refresh = async (): Promise<void> => {
      await this.#refreshSlots(except).catch(() => {})
      this.#timer = undefined
      const owners = [...new Set(this.#owners)]
      if (owners.some((node) => node?.client.status !== 'ready')) this.#scheduleRefresh()
      else this.#refreshes = 0
    }
    const delayMs = retryDelayMs(++this.#refreshes, REFRESH_DELAY_MAX_MS)
    // A background task: it must not keep the process alive.
    this.#timer = setTimeout(() => void refresh(), delayMs).unref()
  }

  #node(address: RedisAddress): Node {
    const name = `${address.host}:${address.port}`
    let node = this.#nodes.get(name)
    if (node === undefined) {
      const client = new ServerClient({ ...this.#options, ...address }, this.#secret)
      client.on('error', (reason) => this.#lost(name, reason))
      node = { address, client, attempt: client.connect().catch(() => {}) }
      this.#nodes.set(name, node)
      if (this.status === 'end') client.disconnect()
    }
    return node
  }

  #drop(name: string, { client }: Node): void {
    this.#nodes.delete(name)
    client.disconnect()
  }

  #lost(name: string, reason: Error): void {
    const node = this.#nodes.get(name)
    if (node && !this.#owners.includes(node) && this.status === 'ready') {
      // The node left the Cluster or became a replica.
      this.#drop(name, node)
    }
    this.#scheduleRefresh()
    this.emit('error', reason)
  }
}

/** A node and its client. */
interface Node {
  readonly address: RedisAddress
  readonly client: ServerClient
  /** Resolves when the first attempt to connect has succeeded or failed. */
  readonly attempt: Promise<void>
}

async function slotRangesFrom({ address, client, attempt }: Node): Promise<SlotRange[]> {
  await attempt
  return slotRanges(await client.call(['CLUSTER', 'SLOTS']), address)
}
