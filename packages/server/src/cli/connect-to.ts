import { once } from 'node:events'
import { connect } from 'node:net'
import type { ListenAddress } from '../listener/listen-address.ts'

/** Where a target of the proxy listens: `http://host:port`, `https://host`, or `unix:/path`. */
export function addressOfTarget(target: string): ListenAddress {
  if (target.startsWith('unix:')) return { path: target.slice('unix:'.length) }
  const { protocol, hostname, port } = new URL(target)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { host, port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) }
}

/** Connects, and hangs up; rejects where nobody listens, or after so many milliseconds. */
export async function connectTo(address: ListenAddress, withinMs: number): Promise<void> {
  const socket = connect(address)
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(withinMs) })
  } finally {
    socket.destroy()
  }
}
