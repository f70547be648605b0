import { once } from 'node:events'
import { connect } from 'node:net'
import { placeOf } from '../proxy/upstream/connect-target.ts'

/** Connects to a target of the proxy, and hangs up; rejects where nobody listens, or after so many milliseconds. */
export async function connectTo(target: string, withinMs: number): Promise<void> {
  const { socketPath, host, port } = placeOf(target)
  const socket = connect(socketPath === null ? { host, port } : { path: socketPath })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(withinMs) })
  } finally {
    socket.destroy()
  }
}
