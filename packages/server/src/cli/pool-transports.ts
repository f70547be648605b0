import { once as onceEmitted } from 'node:events'
import { createServer } from 'node:net'
import { listen } from '../listener/listen.ts'
import { isSocketAddress, type ListenAddress } from '../listener/listen-address.ts'
import type { Transport } from '../service/transport.ts'
import type { ThreadLimits } from '../threads/limits-memory.ts'
import type { ListeningWire } from '../threads/protocol.ts'
import type { WorkerPool } from '../threads/worker-pool.ts'
import { FLAGS } from './make-transports.ts'
import { PortLocks } from './port-locks.ts'

/** What the wires of all workers are made of. */
export interface PoolTransportsOptions {
  readonly pool: Pick<WorkerPool, 'start' | 'drain' | 'close'>
  readonly connections: ThreadLimits['connections']
  /** Where clients are to come, by the name of the wire. */
  readonly addresses: ReadonlyMap<string, ListenAddress>
}

/**
 * The wires of all workers, each as one transport: what is asked of one is asked of all, once. Their ports are those of this process
 * alone until they drain.
 */
export function poolTransports({ pool, connections, addresses }: PoolTransportsOptions): Transport[] {
  const locks = new PortLocks()
  const start = once(async () => {
    for (const [name, address] of addresses) await reserve(locks, name, address)
    const wires = await pool.start()
    for (const wire of wires) await keepChosen(locks, wire, addresses)
    return wires
  })
  const drain = once(() => {
    locks.release()
    return pool.drain()
  })
  const close = once(() => {
    locks.release()
    return pool.close()
  })
  return Array.from(connections, ([name, { places }]) => ({
    name,
    listen: async () => {
      const wires = await start()
      return wires.find((wire) => wire.name === name)?.url ?? ''
    },
    connections: () => places.taken,
    drain,
    close,
  }))
}

/** Rejects where something else listens on a port, or is about to: each would go on to get some of the connections. */
async function reserve(locks: PortLocks, name: string, address: ListenAddress): Promise<void> {
  if (isSocketAddress(address) || address.port === 0) return
  const flag = FLAGS[name] as string
  await locks.take(address, { flag })
  const server = createServer((socket) => socket.destroy())
  await listen(server, address, { flag })
  server.close()
  await onceEmitted(server, 'close')
}

/** A port that the system chose, in place of 0. */
async function keepChosen(
  locks: PortLocks,
  { name, port }: ListeningWire,
  addresses: ReadonlyMap<string, ListenAddress>,
): Promise<void> {
  const address = addresses.get(name)
  if (address === undefined || isSocketAddress(address) || address.port !== 0 || port === null) return
  await locks.take({ ...address, port }, { flag: FLAGS[name] as string })
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= run()
    return running
  }
}
