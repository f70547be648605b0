/** A TCP proxy in front of a server of this machine, which does to connections what networks do. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { ProxiedConnection } from './proxied-connection.ts'
import { flipBits, Toxics } from './toxics.ts'
import { until } from './until.ts'

const NONSENSE = Buffer.from('\u0000\u00ff nonsense\r\n$-7\r\n*x\r\n', 'latin1')

/**
 * Start it with `await using proxy = await FaultProxy.start(server.port)` and point clients to `proxy.port`.
 *
 * Faults add up, act on connections that are open already, and last until `heal`; `reset` and `dropReply` happen once.
 */
export class FaultProxy implements AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly #target: number
  readonly #toxics = new Toxics()
  readonly #connections = new Set<ProxiedConnection>()
  #listener: Server | null = null

  private constructor(target: number, listener: Server, port: number) {
    this.#target = target
    this.port = port
    this.url = `redis://127.0.0.1:${port}`
    this.#use(listener)
  }

  static async start(targetPort: number): Promise<FaultProxy> {
    const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const address = listener.address()
    if (address === null || typeof address === 'string') throw new Error('no port was given')
    return new FaultProxy(targetPort, listener, address.port)
  }

  /** How many connections are open, on one side at least. */
  get connections(): number {
    return this.#connections.size
  }

  /** How many replies `dropReply` still has to drop. */
  get repliesToDrop(): number {
    return this.#toxics.repliesToDrop
  }

  /** Holds bytes back for so long in each direction, so that a round trip takes twice as long; 0 ends it. */
  delay(ms: number, { jitterMs = 0 }: { readonly jitterMs?: number } = {}): void {
    this.#toxics.delayMs = ms
    this.#toxics.jitterMs = jitterMs
  }

  /** In each direction of each connection. */
  throttle(bytesPerSecond: number): void {
    this.#toxics.bytesPerSecond = bytesPerSecond
  }

  /**
   * Connects clients and passes nothing on, not even that somebody hung up. As in a network that comes back, what
   * was sent meanwhile arrives after `heal`, if need be from a client that is long gone.
   */
  blackHole(): void {
    this.#toxics.hold()
  }

  /** Ends all connections with RST; new ones are accepted. */
  reset(): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Refuses new connections; those which are open stay open. */
  refuse(): void {
    this.#listener?.close()
    this.#listener = null
  }

  /** The next bytes that a server answers, on any connection, are lost, and the connection ends. */
  dropReply(): void {
    this.#toxics.repliesToDrop += 1
  }

  /** Changes what servers answer, chunk by chunk as it came; by default nothing of it is a reply any more. */
  corrupt(mutate: (chunk: Buffer) => Buffer = flipBits): void {
    this.#toxics.mutate = mutate
  }

  /** Answers whatever comes with this, in place of the server, which is told nothing. */
  garbage(nonsense: Buffer = NONSENSE): void {
    this.#toxics.nonsense = nonsense
  }

  /** Passes bytes on in pieces of 1 to `largest`, each a packet of its own. */
  slice(largest: number): void {
    this.#toxics.sliceBytes = largest
  }

  /** Ends all faults. */
  async heal(): Promise<void> {
    this.#toxics.heal()
    if (this.#listener !== null) return
    // The port may have gone to an outgoing connection for a moment.
    await until(`port ${this.port} is free again`, async () => {
      const listener = createServer({ allowHalfOpen: true }).listen(this.port, '127.0.0.1')
      await once(listener, 'listening')
      this.#use(listener)
      return true
    })
  }

  async close(): Promise<void> {
    this.refuse()
    const connections = [...this.#connections]
    for (const connection of connections) connection.close()
    await Promise.all(connections.map((connection) => connection.closed))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #use(listener: Server): void {
    this.#listener = listener
    listener.on('connection', (client) => {
      const connection = new ProxiedConnection(client, this.#target, this.#toxics)
      this.#connections.add(connection)
      void connection.closed.then(() => this.#connections.delete(connection))
    })
  }
}
