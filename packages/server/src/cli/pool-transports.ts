import type { Transport } from '../service/transport.ts'
import type { WorkerPool } from '../threads/worker-pool.ts'

/** The wires of all workers, each as one transport: what is asked of one is asked of all, once. */
export function poolTransports(
  pool: Pick<WorkerPool, 'start' | 'drain' | 'close'>,
  names: readonly string[],
): Transport[] {
  const start = once(() => pool.start())
  const drain = once(() => pool.drain())
  const close = once(() => pool.close())
  return names.map((name) => ({
    name,
    listen: async () => {
      const wires = await start()
      return wires.find((wire) => wire.name === name)?.url ?? ''
    },
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
