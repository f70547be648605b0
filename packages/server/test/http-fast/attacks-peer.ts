/** Both ends of connections to a fast path, so that it is known what has arrived: nothing is waited for in time. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { turn } from './differential-app.ts'
import type { Accelerate } from './differential-servers.ts'
import { type Client, type FastServer, type FastServerOptions, fastServer } from './fast-server.ts'

/** What somebody does to a server, and what must come of it. */
export interface Attack {
  readonly name: string
  /** Throws where something else comes of it; `make` is the fast path, or one with a mistake in it. */
  run(make?: Accelerate): Promise<void>
}

export const LIMITS = { requestSweeps: 3, idleSweeps: 5, blockedSweeps: 4, lingerSweeps: 2 }

export const KIB = 1024

type Serve = (options?: FastServerOptions) => Promise<FastServer>

export function attack(name: string, run: (serve: Serve) => Promise<void>): Attack {
  return {
    name,
    run: (make) =>
      run((options) =>
        fastServer({ ...options, limits: { ...LIMITS, ...options?.limits }, ...(make && { make }) }),
      ),
  }
}

/** A connection with both of its ends. */
export class Peer {
  readonly client: Client
  /** The end of the server. */
  readonly socket: Socket

  private constructor(client: Client, socket: Socket) {
    this.client = client
    this.socket = socket
  }

  static async of(server: FastServer): Promise<Peer> {
    const connected = once(server.server, 'connection')
    const client = await server.connect()
    client.socket.setNoDelay(true)
    const [socket] = await connected
    return new Peer(client, socket)
  }

  /** Sends octets, and waits until the server has read and dealt with them, or is gone. */
  async send(octets: string | Buffer): Promise<void> {
    this.client.send(octets)
    const { bytesWritten } = this.client.socket
    await until(() => this.socket.bytesRead >= bytesWritten || this.socket.destroyed)
    await turn()
  }

  /** All that came, when the server has ended its side. */
  async ended(): Promise<string> {
    await until(() => this.client.hasEnded || this.client.isClosed)
    return this.client.text
  }

  /** All that came, when a text has. */
  async says(text: string): Promise<string> {
    await until(() => this.client.text.includes(text))
    return this.client.text
  }

  /** Waits until the server has let go of the connection. */
  closed(): Promise<void> {
    return until(() => this.socket.closed)
  }
}

const TURNS_MAX = 100_000

/** Waits for a condition, in turns, which a busy machine makes longer and not more. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > TURNS_MAX) throw new Error(`in vain: ${condition}`)
    await turn()
  }
}

/** Waits until a number does not change any more. */
export async function stillness(of: () => number): Promise<void> {
  let before = Number.NaN
  for (let still = 0; still < 100; still++) {
    await turn()
    if (of() !== before) still = 0
    before = of()
  }
}

/** Nothing ends by itself now: a few turns show what would have. */
export async function staysOpen({ client, socket }: Peer): Promise<void> {
  for (let i = 0; i < 10; i++) await turn()
  assert.equal(client.hasEnded || client.isClosed || socket.closed, false, 'ended too early')
}
