import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { PortAddress } from '../listener/listen-address.ts'
import { listenFailure } from '../listener/listen-failure.ts'

/**
 * Keeps other processes that would share the same ports from doing so. The system would let them: what threads share, processes share as
 * well, and each of them would count for itself.
 */
export class PortLocks {
  readonly #locks: Server[] = []

  /** Rejects where another process has the port. Else this one has it until it says otherwise, or ends. */
  async take(address: PortAddress, { flag }: { readonly flag: string }): Promise<void> {
    // Only there is a name that goes with its process.
    if (process.platform !== 'linux') return
    const server = createServer((socket) => socket.destroy())
    server.unref()
    const listening = once(server, 'listening')
    // An abstract Unix socket is taken in the namespace of the network, as the port is.
    server.listen({ path: `\0headgate:${await ipOf(address)}:${address.port}` })
    try {
      await listening
      this.#locks.push(server)
    } catch (reason) {
      // A process that is confined to IP has no Unix sockets; it serves all the same.
      if ((reason as NodeJS.ErrnoException).code !== 'EADDRINUSE') return
      throw listenFailure(reason, address, { flag })
    }
  }

  release(): void {
    for (const lock of this.#locks.splice(0)) lock.close()
  }
}

/** One and the same, by whatever name the address is given. */
async function ipOf({ host }: PortAddress): Promise<string> {
  try {
    return (await lookup(host)).address
  } catch {
    // Whoever listens there says what is wrong with it.
    return host
  }
}
