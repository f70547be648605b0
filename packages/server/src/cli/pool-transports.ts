import type { Transport } from '../service/transport.ts'
import type { ThreadLimits } from '../threads/limits-memory.ts'
import type { WorkerPool } from '../threads/worker-pool.ts'

/** The wires of all workers, each as one transport: what is asked of one is asked of all, once. */
export function poolTransports(
  pool: Pick<WorkerPool, 'start' | 'drain' | 'close'>,
  wires: ThreadLimits['connections'],
): Transport[] {
  const start = once(() => pool.start())
  const drain = once(() => pool.drain())
  const close = once(() => pool.close())
  return Array.from(wires, ([name, { places }]) => ({
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

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= run()
    return running
  }
}
