/** A client that writes octets as a test has them, on one connection. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection to a proxy. */
export interface RawClient extends Disposable {
  readonly socket: Socket
  /** All that has come back so far, in latin1. */
  text(): string
  /** Whether the other end has closed it. */
  readonly isClosed: boolean
}

/** Connects, and writes the first octets where there are any. */
export async function rawClient(port: number, first: string | Buffer = ''): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let isClosed = false
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('close', () => (isClosed = true))
  // What is refused may be reset.
  socket.on('error', () => {})
  await once(socket, 'connect')
  if (first.length > 0) socket.write(first)
  return {
    socket,
    text: () => text,
    get isClosed() {
      return isClosed
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

/** The statuses of all responses on a connection, in their order. */
export function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
