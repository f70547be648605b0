import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import {
  isSocketAddress,
  type ListenAddress,
  type PortAddress,
  type SocketAddress,
} from './listen-address.ts'
import { listenFailure } from './listen-failure.ts'
import { makeWay } from './socket-file.ts'

/** Owner and group may connect, and nobody else. Threads cannot set it: whoever starts them does. */
export const SOCKET_UMASK = 0o117

/** How it was told where to listen. */
export interface ListenOptions {
  /** The flag of the port, for messages: `--port`. */
  readonly flag: string
  /**
   * Whether others may listen on the same port.
   * @default false
   */
  readonly isShared?: boolean
}

/**
 * Lets a server listen; answers the address with the port it was given. Rejects with a sentence that names the fix. A Unix socket
 * has mode 0660; the file that a process left behind is replaced, and Node removes it when the server closes.
 */
export async function listen(
  server: Server,
  address: ListenAddress,
  { flag, isShared = false }: ListenOptions,
): Promise<ListenAddress> {
  try {
    if (isSocketAddress(address)) return await listenOnSocket(server, address)
    return await listenOnPort(server, address, isShared)
  } catch (reason) {
    throw listenFailure(reason, address, { flag })
  }
}

async function listenOnPort(
  server: Server,
  { host, port }: PortAddress,
  reusePort: boolean,
): Promise<PortAddress> {
  const listening = once(server, 'listening')
  server.listen({ host, port, reusePort })
  await listening
  return { host, port: (server.address() as AddressInfo).port }
}

async function listenOnSocket(server: Server, address: SocketAddress): Promise<SocketAddress> {
  await makeWay(address.path)
  const listening = once(server, 'listening')
  // The file is made within `listen`, and must not be open to others for a moment. The mask is one for all threads.
  const before = isMainThread ? process.umask(SOCKET_UMASK) : null
  try {
    server.listen({ path: address.path })
  } finally {
    if (before !== null) process.umask(before)
  }
  await listening
  return address
}
