import { EventEmitter } from 'node:events'
import type { RedisAddress, RedisConnectionOptions } from './connection-options.ts'
import { backoff, type OwnClient } from './link.ts'
import type { PasswordSource } from './password.ts'
import { type Reply, ReplyError } from './reply-parser.ts'
import { ServerClient } from './server-client.ts'
import { type Redirection, redirectionOf, SLOTS, type SlotRange, slotOf, slotRanges } from './slots.ts'

interface Events {
  error: [Error]
  connecting: []
  ready: []
}

/** Times that one command follows its slot. */
const REDIRECTIONS_MAX = 4
/** Nodes asked at once where the slots are; the first answer counts. */
const ASKED_MAX = 3
/** Longest pause before they are asked again, while some primary cannot be reached. */
const LEARN_MS = 1000

/**
 * A client for a Cluster: a client to each primary, and where the slots are. That is asked again after a command was sent
 * on, and while some primary cannot be reached. MOVED and ASK are followed, since the command was not carried out; after
 * a connection broke nothing is sent again.
 */
export class ClusterClient extends EventEmitter<Events> implements OwnClient {
  status: 'wait' | 'connecting' | 'ready' | 'end' = 'wait'
  readonly #options: RedisConnectionOptions
  readonly #secret: PasswordSource
  readonly #nodes = new Map<string, Node>()
  readonly #owners: (Node | undefined)[] = new Array(SLOTS)
  #timer: NodeJS.Timeout | undefined
  /** Times in a row that slots were asked for and some primary could not be reached. */
  #looks = 0

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

  /** Of any one node. */
  info(section: string): Promise<Reply> {
    const node = [...this.#nodes.values()].find(({ client }) => client.status === 'ready')
    return node ? node.client.call(['INFO', section]) : Promise.reject(new Error('there is no connection'))
  }

  /** Resolves when it is known where the slots are, and all primaries were tried once; else it goes on asking. */
  async connect(): Promise<void> {
    this.status = 'connecting'
    this.emit('connecting')
    try {
      await this.#learn()
    } catch (reason) {
      this.#learnSoon()
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
    this.#learnSoon()
    return Promise.reject(new Error('no node has the slot of this key'))
  }

  #send(node: Node, command: readonly string[], redirections: number): Promise<Reply> {
    return node.client.call(command).catch((reason: unknown) => {
      const message = reason instanceof ReplyError ? reason.message : ''
      // It has lost its slots, or the other nodes, and only these know who has taken them over.
      if (message.startsWith('CLUSTERDOWN')) this.#learnSoon(node)
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
      this.#learnSoon()
    }
    await node.attempt
    // It is answered before the command is, and if not, so is that.
    if (asking) node.client.call(['ASKING']).catch(() => {})
    return this.#send(node, command, redirections)
  }

  /** Asks all but one where the slots are; rejects when nobody says. */
  async #learn(except?: Node): Promise<void> {
    const known = [...this.#nodes.values()].filter(
      (node) => node !== except && node.client.status === 'ready',
    )
    const nodes = known.length > 0 ? known : (this.#options.nodes ?? []).map((address) => this.#node(address))
    const asked = nodes.sort(() => Math.random() - 0.5).slice(0, ASKED_MAX)
    const ranges = await Promise.any(asked.map(rangesKnownTo)).catch(({ errors }: AggregateError) => {
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

  /** Asks soon, unless that is about to happen, and goes on while some primary cannot be reached. */
  #learnSoon(except?: Node): void {
    if (this.status === 'end' || this.#timer) return
    const learn = async (): Promise<void> => {
      await this.#learn(except).catch(() => {})
      this.#timer = undefined
      const owners = [...new Set(this.#owners)]
      if (owners.some((node) => node?.client.status !== 'ready')) this.#learnSoon()
      else this.#looks = 0
    }
    // Nothing waits for it, so it keeps no process alive.
    this.#timer = setTimeout(() => void learn(), backoff(++this.#looks, LEARN_MS)).unref()
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
      // It left the Cluster, or is a replica now.
      this.#drop(name, node)
    }
    this.#learnSoon()
    this.emit('error', reason)
  }
}

/** A node and the client to it. */
interface Node {
  readonly address: RedisAddress
  readonly client: ServerClient
  /** The first attempt to connect; resolves however it ends. */
  readonly attempt: Promise<void>
}

async function rangesKnownTo({ address, client, attempt }: Node): Promise<SlotRange[]> {
  await attempt
  return slotRanges(await client.call(['CLUSTER', 'SLOTS']), address)
}
