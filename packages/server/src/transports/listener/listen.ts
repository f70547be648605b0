import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import {
  isSocketAddress,
  type ListenAddress,
  type PortAddress,
  type SocketAddress,
} from './listen-address.ts'
import { listenFailure } from './listen-failure.ts'
import { makeWay } from './socket-file.ts'

/** Owner and group may connect, and nobody else. */
const SOCKET_UMASK = 0o117

/** How it was told where to listen, for messages. */
export interface ToldBy {
  /** The flag of the port: `--port`. */
  readonly flag: string
}

/**
 * Lets a server listen; answers the address with the port it was given. Rejects with a sentence that names the fix. A Unix socket
 * has mode 0660; the file that a process left behind is replaced, and Node removes it when the server closes.
 */
export async function listen(server: Server, address: ListenAddress, toldBy: ToldBy): Promise<ListenAddress> {
  try {
    if (isSocketAddress(address)) return await listenOnSocket(server, address)
    return await listenOnPort(server, address)
  } catch (reason) {
    throw listenFailure(reason, address, toldBy)
  }
}

async function listenOnPort(server: Server, { host, port }: PortAddress): Promise<PortAddress> {
  const listening = once(server, 'listening')
  server.listen({ host, port })
  await listening
  return { host, port: (server.address() as AddressInfo).port }
}

async function listenOnSocket(server: Server, address: SocketAddress): Promise<SocketAddress> {
  await makeWay(address.path)
  const listening = once(server, 'listening')
  // The file is made within `listen`, and must not be open to others for a moment.
  const before = process.umask(SOCKET_UMASK)
  try {
    server.listen({ path: address.path })
  } finally {
    process.umask(before)
  }
  await listening
  return address
}
