/** The module that each worker thread of `headgate serve --workers` runs: a service of its own, on what all threads share. */
import { workerData } from 'node:worker_threads'
import type { Logger } from 'pino'
import { openSharedStores, type SharedStores } from '../config/store-from-config.ts'
import type { StoresConfig } from '../config/stores.ts'
import { TlsInForce } from '../listener/tls-in-force.ts'
import type { Configuration } from '../service/configuration.ts'
import { createService } from '../service/create-service.ts'
import { createThreadObserver } from '../service/observe/thread-observer.ts'
import type { Service } from '../service/service.ts'
import { steadyClock } from '../service/steady-clock.ts'
import { withinTime } from '../service/time-limit.ts'
import type { Transport } from '../service/transport.ts'
import { auditRequests } from '../telemetry/audit/audit-log.ts'
import { createLog, type OpenLog } from '../telemetry/log/create-log.ts'
import { LineBudget } from '../telemetry/log/line-budget.ts'
import type { LineOutput } from '../telemetry/log/line-output.ts'
import { logDecisions } from '../telemetry/log/log-decisions.ts'
import { logEvents } from '../telemetry/log/log-events.ts'
import { type AccessLog, logProxied } from '../telemetry/log/log-proxied.ts'
import { ThreadOutput } from '../telemetry/log/thread-output.ts'
import { createMetrics, NO_METRICS } from '../telemetry/metrics/create-metrics.ts'
import type { OtelSettings } from '../telemetry/otel/otel-settings.ts'
import { startOtel } from '../telemetry/otel/start-otel.ts'
import type { Exporting } from '../telemetry/otel/trace-decisions.ts'
import { answerObserving } from '../threads/answer-observing.ts'
import { answerRecording } from '../threads/answer-recording.ts'
import { type LimitsMemory, threadLimits } from '../threads/limits-memory.ts'
import { Link } from '../threads/link.ts'
import { plainError } from '../threads/plain-error.ts'
import type { Beginning, ListeningWire, OfCoordinator, OfWorker } from '../threads/protocol.ts'
import { requestEvents } from '../threads/request-events.ts'
import { addReturns, ReturnedKeys } from '../threads/returned-keys.ts'
import type { WorkerData } from '../threads/worker-thread.ts'
import { logListeners } from './log-listeners.ts'
import { makeWires } from './make-transports.ts'
import { type Listening, listenAll } from './run-transports.ts'
import type { ServeOptions } from './serve-options.ts'

/** What workers are started with beside what is in force. */
export interface WorkerSettings {
  readonly options: ServeOptions
  readonly stores: StoresConfig
  readonly shared: SharedStores
  /** Names of the wires that have TLS. */
  readonly tlsListeners: readonly string[]
  /** How many characters of the log wait to be written, by worker. */
  readonly waitingLines: Int32Array
  readonly limits: LimitsMemory
  /** What all workers together may log in a second: decisions, and in the audit log rejected tokens and denials. */
  readonly lineBudgets: Readonly<Record<'decisions' | 'rejections' | 'denials', SharedArrayBuffer>>
  /** Whether somebody can read metrics; else nothing is counted. */
  readonly counts: boolean
  /** What is exported by OpenTelemetry: from here the spans. */
  readonly otel: OtelSettings | null
}

/** How long a worker waits for its store before it listens. */
const STORE_MS = 1000

type WorkerLink = Link<OfWorker, OfCoordinator>

const { worker, port, settings } = workerData as WorkerData<WorkerSettings>
const link: WorkerLink = new Link(port)

try {
  await serveWorker()
} catch (reason) {
  link.tell('failed', plainError(reason))
  // Of this thread alone. Whatever was opened goes with it.
  process.exit(1)
}

async function serveWorker(): Promise<void> {
  const { options, stores, tlsListeners } = settings
  // Whoever tells of a change may do so before there is a service.
  const made = Promise.withResolvers<Service>()
  answerChanges(made.promise)
  link.start()
  const { configuration, rejected, isDraining, certificate, ports } = await link.ask('begin', null)
  // At once: another one may come while the store is waited for.
  const tls = certificate === null ? null : followCertificate(certificate)
  const store = await openSharedStores(stores.stores, stores.resilience, settings.shared)
  // Its first decisions are to be made by the store, where that answers.
  await withinTime(store.ping(), STORE_MS).catch(() => {})
  const { maxConnections } = options
  const { connections, ...shared } = threadLimits(settings.limits, { thread: worker, maxConnections })
  const service = createService({ configuration, store, shared })
  if (rejected !== null) service.reject(rejected)
  if (isDraining) service.drain()
  made.resolve(service)
  const { log, output, audit, access } = logRequests(service)
  const tracing = await startTracing(service, log)
  const transports = makeWires(
    { service, certificate: tls && { tls, listeners: tlsListeners }, thread: { worker, ports, connections } },
    options,
  )
  const observer = createThreadObserver(service)
  const metrics = settings.counts
    ? createMetrics({ service, store, transports, dropped: () => ({ log: output.lost, audit: audit.lost }) })
    : NO_METRICS
  answerRecording(link, { service, thread: worker })
  const tellLast = answerObserving(link, { service, observer, metrics })
  process.once('exit', tellLast)
  // Denials that are repeated, and leases, of what another thread has changed.
  service.on('change', ({ keys }) => link.tell('changed', keys))
  link.hear('changed', (keys) => service.forget(keys))
  link.hear('returned', (keys) => service.forgetDenials(keys))
  const returned = new ReturnedKeys({ clock: steadyClock, tell: (keys) => link.tell('returned', keys) })
  addReturns(service, store, returned)
  answerEnd(service, transports, async () => {
    access.flush()
    tellLast()
    await tracing?.close()
  })
  const listening = await listenAll(transports)
  link.tell('listening', listening.map(wireOf))
}

/** What is in force changes in all threads or in none. */
function answerChanges(made: Promise<Service>): void {
  let prepared: Configuration | null = null
  link.answer('prepare', async (next) => {
    const service = await made
    service.check(next)
    prepared = next
    return null
  })
  link.answer('commit', async () => {
    const service = await made
    if (prepared === null) throw new Error('nothing was prepared')
    service.apply(prepared)
    prepared = null
    return null
  })
  link.hear('rejected', (rejection) => void made.then((service) => service.reject(rejection)))
  link.hear('draining', () => void made.then((service) => service.drain()))
}

function answerEnd(service: Service, transports: readonly Transport[], end: () => Promise<void>): void {
  link.answer('drain', async () => {
    await Promise.all(transports.map(async (one) => one.drain()))
    return null
  })
  link.answer('close', async () => {
    await Promise.allSettled(transports.map((one) => one.close()))
    await service.close()
    await end()
    return null
  })
}

function followCertificate(certificate: NonNullable<Beginning['certificate']>): TlsInForce {
  const tls = new TlsInForce(certificate)
  link.hear('certificate', (material) => tls.replace(material))
  return tls
}

/** What is logged of requests. */
interface RequestLogs extends OpenLog {
  readonly audit: LineOutput
  readonly access: AccessLog
}

/** Logs what happens to requests, as one thread would: the lines are written by the coordinator. */
function logRequests(service: Service): RequestLogs {
  const { logLevel: level, logFormat: format } = settings.options
  const sentAs = (name: 'line' | 'audit') => ({
    send: (line: string) => link.tell(name, line),
    waiting: settings.waitingLines,
    index: worker,
  })
  const opened = createLog({
    level,
    format,
    fields: { worker },
    open: (onRestored) => new ThreadOutput(sentAs('line'), onRestored),
  })
  const { log } = opened
  const audit = new ThreadOutput(sentAs('audit'), (lost, why) => {
    log.warn({ lost, why }, `the audit log can be written again; lines were lost: ${lost}`)
  })
  const watched = requestEvents(service)
  logEvents(log, watched)
  const budgetOf = (name: keyof WorkerSettings['lineBudgets']): LineBudget =>
    new LineBudget(undefined, settings.lineBudgets[name])
  logDecisions(log, watched, { budget: budgetOf('decisions') })
  logListeners(log, watched)
  const budgets = { rejections: budgetOf('rejections'), denials: budgetOf('denials') }
  auditRequests(watched, { write: (line) => audit.write(line), ...budgets })
  return { ...opened, audit, access: logProxied(opened, watched) }
}

async function startTracing(service: Service, log: Logger): Promise<Exporting | null> {
  const { otel } = settings
  if (otel?.traces !== true) return null
  const source = { service, families: async () => [], isCoordinator: false }
  return startOtel({ ...otel, metrics: false }, source, log)
}

function wireOf({ name, url }: Listening): ListeningWire {
  return { name, url, port: url.startsWith('unix:') ? null : Number(new URL(url).port) }
}
