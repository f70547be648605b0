import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { steadyClock } from '../config/steady-clock.ts'
import { isMemory } from '../config/stores.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import type { Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import type { LineOutput } from '../telemetry/log/line-output.ts'
import { lineWritten } from '../telemetry/log/thread-output.ts'
import { forgetThread, limitsMemory, threadLimits } from '../threads/limits-memory.ts'
import { WorkerPool } from '../threads/worker-pool.ts'
import type { WorkerThread } from '../threads/worker-thread.ts'
import { wireAddresses } from './make-transports.ts'
import { poolTransports } from './pool-transports.ts'
import type { ServeOptions } from './serve-options.ts'
import type { WorkerSettings } from './serve-worker.ts'
import type { Certificate } from './use-certificate.ts'

/** What workers share with the thread that coordinates them. */
export interface OpenWorkersOptions {
  /** At least 2. */
  readonly workers: number
  readonly log: Logger
  readonly output: LineOutput
  readonly options: ServeOptions
  readonly config: Config
  /** The coordinator's own, which takes no requests of clients. */
  readonly service: Service
  /** Null without TLS. */
  readonly certificate: Certificate | null
}

/** Threads that answer clients in place of this one. */
export interface Workers {
  readonly pool: WorkerPool
  /** The wires of all threads, each as one. They start with the first that listens. */
  readonly transports: readonly Transport[]
}

/** Prepares the threads that answer clients; none runs yet. */
export function openWorkers({
  log,
  output,
  options,
  config,
  service,
  certificate,
  workers,
}: OpenWorkersOptions): Workers {
  const addresses = wireAddresses(options)
  if (Object.values(config.stores).some(({ url }) => isMemory(url))) {
    throw wrongUsage(`--workers ${workers} takes Redis as the store: threads do not share one in memory yet`)
  }
  const waitingLines = new Int32Array(new SharedArrayBuffer((workers + 1) * Int32Array.BYTES_PER_ELEMENT))
  const { maxConnections } = options
  const limits = limitsMemory({ workers, wires: [...addresses.keys()], maxConnections })
  const settings: WorkerSettings = {
    options,
    stores: { stores: config.stores, resilience: config.resilience },
    tlsListeners: certificate?.listeners ?? [],
    waitingLines,
    limits,
  }
  const pool = new WorkerPool({
    workers,
    entry: new URL('./serve-worker.js', import.meta.url),
    settings,
    service,
    certificate: () => certificate?.tls.current ?? null,
    clock: steadyClock,
    onSpawned: (thread) => {
      writeLines(thread, waitingLines, output)
      void thread.ended.then(() => forgetThread(limits, thread.worker))
    },
    onReplaced: (worker) => log.info({ worker }, 'a worker serves in place of the one that ended'),
    onEnded: (worker, err, delayMs) =>
      log.error(
        { worker, err, delayMs },
        'a worker ended, with the requests it had; another one takes its place',
      ),
  })
  service.on('certificate', ({ isNew }) => {
    if (isNew && certificate !== null) pool.tellAll('certificate', certificate.tls.current)
  })
  const { connections } = threadLimits(limits, { thread: 0, maxConnections })
  return { pool, transports: poolTransports(pool, connections) }
}

function writeLines(thread: WorkerThread, waiting: Int32Array, output: LineOutput): void {
  thread.link.hear('line', (line) => {
    output.write(line)
    lineWritten(waiting, thread.worker, line)
  })
  void thread.ended.then(() => lineWritten(waiting, thread.worker, null))
}
