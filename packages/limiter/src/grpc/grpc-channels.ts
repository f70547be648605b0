import { type ChannelCredentials, Client } from '@grpc/grpc-js'

/** Calls on one connection for waits. The service takes 128 on one; what is above that would wait in grpc-js, unseen. */
const HELD_MAX = 100

/** A connection for waits, and how many it has. */
interface HeldChannel {
  readonly client: Client
  held: number
}

/**
 * The connections to one service: one for decisions, and as many as it takes for waits, so that no decision stands behind calls that are
 * held until their turn.
 */
export class GrpcChannels {
  readonly #open: (options?: object) => Client
  readonly #decisions: Client
  readonly #held = new Set<HeldChannel>()

  constructor(target: string, credentials: ChannelCredentials) {
    this.#open = (options = {}) => new Client(target, credentials, options)
    this.#decisions = this.#open()
  }

  /** Calls `use` with the client to ask by; a held one counts until what it returns is settled. */
  async with<T>(isHeld: boolean, use: (client: Client) => Promise<T>): Promise<T> {
    if (!isHeld) return use(this.#decisions)
    const channel = this.#heldChannel()
    channel.held++
    try {
      return await use(channel.client)
    } finally {
      channel.held--
      if (channel.held === 0) this.#drop(channel)
    }
  }

  close(): void {
    this.#decisions.close()
    for (const { client } of this.#held) client.close()
    this.#held.clear()
  }

  #heldChannel(): HeldChannel {
    for (const channel of this.#held) if (channel.held < HELD_MAX) return channel
    // Clients of one target share a connection unless they are told to have their own.
    const channel = { client: this.#open({ 'grpc.use_local_subchannel_pool': 1 }), held: 0 }
    this.#held.add(channel)
    return channel
  }

  /** The last one is kept for the waits to come. */
  #drop(channel: HeldChannel): void {
    if (this.#held.size > 1 && this.#held.delete(channel)) channel.client.close()
  }
}
