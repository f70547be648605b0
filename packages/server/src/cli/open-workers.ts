import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import type { SharedStores } from '../config/store-from-config.ts'
import type { Service } from '../service/service.ts'
import { steadyClock } from '../service/steady-clock.ts'
import type { Transport } from '../service/transport.ts'
import { LINE_BUDGET_BYTES } from '../telemetry/log/line-budget.ts'
import type { LineOutput } from '../telemetry/log/line-output.ts'
import { lineWritten } from '../telemetry/log/thread-output.ts'
import type { OtelSettings } from '../telemetry/otel/otel-settings.ts'
import {
  forgetThread,
  type LimitsMemory,
  limitsMemory,
  type ThreadLimits,
  threadLimits,
} from '../threads/limits-memory.ts'
import { ObservedWorkers } from '../threads/observed-workers.ts'
import { RecordingWorkers } from '../threads/recording-workers.ts'
import { threadResilience } from '../threads/thread-resilience.ts'
import { WorkerPool } from '../threads/worker-pool.ts'
import type { WorkerThread } from '../threads/worker-thread.ts'
import { wireAddresses } from './make-transports.ts'
import { poolTransports } from './pool-transports.ts'
import type { ServeOptions } from './serve-options.ts'
import type { WorkerSettings } from './serve-worker.ts'
import type { Certificate } from './use-certificate.ts'

/** What the threads of this process have together, before any of them runs. */
export interface ThreadsMemory {
  /** From 2. */
  readonly workers: number
  readonly limits: LimitsMemory
  /** Those of this thread, which takes no requests of clients. */
  readonly own: ThreadLimits
}

/** Memory for workers, and for the thread that coordinates them. */
export function openThreadsMemory(workers: number, options: ServeOptions): ThreadsMemory {
  const { maxConnections } = options
  const limits = limitsMemory({ workers, wires: [...wireAddresses(options).keys()], maxConnections })
  return { workers, limits, own: threadLimits(limits, { thread: 0, maxConnections }) }
}

/** What workers are made of, and who hears of them. */
export interface OpenWorkersOptions {
  readonly memory: ThreadsMemory
  readonly log: Logger
  readonly output: LineOutput
  readonly options: ServeOptions
  readonly config: Config
  /** Of the store of this thread. */
  readonly shared: SharedStores
  /** That of this thread: whatever is in force there is so in all. */
  readonly service: Service
  /** Null without TLS. */
  readonly certificate: Certificate | null
  /** Whether somebody can read metrics; else nothing is counted. */
  readonly counts: boolean
  /** What is exported by OpenTelemetry; null: nothing. */
  readonly otel: OtelSettings | null
  /** Writes a line of the audit log, with its end. */
  readonly writeAudit: (line: string) => void
}

/** Threads that answer clients in place of this one. */
export interface Workers {
  readonly pool: WorkerPool
  /** What they have seen. */
  readonly observed: ObservedWorkers
  /** What they record. */
  readonly recording: RecordingWorkers
  /** The wires of all threads, each as one. They start with the first that listens. */
  readonly transports: readonly Transport[]
}

/** Prepares the threads that answer clients; none runs yet. */
export function openWorkers(parts: OpenWorkersOptions): Workers {
  const { memory, log, output, options, config, shared, service, certificate } = parts
  const { counts, otel, writeAudit } = parts
  const { workers, limits, own } = memory
  const waitingLines = new Int32Array(new SharedArrayBuffer((workers + 1) * Int32Array.BYTES_PER_ELEMENT))
  const settings: WorkerSettings = {
    options,
    stores: {
      stores: config.stores,
      resilience: threadResilience(config.resilience, { workers, isWorker: true }),
    },
    shared,
    tlsListeners: certificate?.listeners ?? [],
    waitingLines,
    limits,
    lineBudgets: { decisions: lineBudget(), rejections: lineBudget(), denials: lineBudget() },
    counts,
    otel,
  }
  const observed = new ObservedWorkers(service)
  const recording = new RecordingWorkers()
  const pool = new WorkerPool({
    workers,
    entry: new URL('./serve-worker.js', import.meta.url),
    settings,
    service,
    certificate: () => certificate?.tls.current ?? null,
    clock: steadyClock,
    onSpawned: (thread) => {
      void thread.ended.then(() => forgetThread(limits, thread.worker))
      const write = { line: (line: string) => output.write(line), audit: writeAudit }
      writeLines(thread, waitingLines, write)
      observed.add(thread)
      recording.add(thread)
      thread.link.hear('changed', (keys) => {
        pool.tellAll('changed', keys)
        service.forget(keys)
      })
      thread.link.hear('returned', (keys) => pool.tellAll('returned', keys))
    },
    onReplaced: (worker) => log.info({ worker }, 'a worker serves in place of the one that ended'),
    onEnded: (worker, err, delayMs) => {
      const message = 'a worker ended, with the requests it had; another one takes its place'
      log.error({ worker, err, delayMs }, message)
    },
  })
  service.on('change', ({ keys }) => pool.tellAll('changed', keys))
  service.on('certificate', ({ isNew }) => {
    if (isNew && certificate !== null) pool.tellAll('certificate', certificate.tls.current)
  })
  const transports = poolTransports({
    pool,
    connections: own.connections,
    addresses: wireAddresses(options),
  })
  return { pool, observed, recording, transports }
}

function lineBudget(): SharedArrayBuffer {
  return new SharedArrayBuffer(LINE_BUDGET_BYTES)
}

function writeLines(
  { link, worker, ended }: WorkerThread,
  waiting: Int32Array,
  outputs: Readonly<Record<'line' | 'audit', (line: string) => void>>,
): void {
  for (const name of ['line', 'audit'] as const) {
    link.hear(name, (line) => {
      outputs[name](line)
      lineWritten(waiting, worker, line)
    })
  }
  void ended.then(() => lineWritten(waiting, worker, null))
}
