import type { Logger } from 'pino'
import { type Config, loadConfig } from '../config/config.ts'
import { exampleFor } from '../config/example.ts'
import type { SnapshotFile } from '../config/snapshot-file.ts'
import type { Environment } from '../config/source/read-variables.ts'
import { openSharedStores, openStores } from '../config/store-from-config.ts'
import { worstCaseOf } from '../config/worst-case.ts'
import { createService } from '../service/create-service.ts'
import { createObserver } from '../service/observe/observer.ts'
import { PROXY } from '../service/proxy-events.ts'
import { createRecordings } from '../service/record/recordings.ts'
import type { OpenStore, Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import { VERSION } from '../service/version.ts'
import { createTelemetry, type Telemetry } from '../telemetry/create-telemetry.ts'
import { createLog, type OpenLog } from '../telemetry/log/create-log.ts'
import { otelSettings } from '../telemetry/otel/otel-settings.ts'
import { threadResilience } from '../threads/thread-resilience.ts'
import { ADMIN } from '../transports/admin/transport-name.ts'
import type { GrpcEngineName } from '../transports/grpc/grpc-engine.ts'
import { GRPC } from '../transports/grpc/transport-name.ts'
import { HTTP } from '../transports/http/transport-name.ts'
import { adminAddress } from './admin-address.ts'
import { findDashboard } from './dashboard/read-dashboard.ts'
import { findConfig, PROXY_SAMPLE } from './find-config.ts'
import { greeting, tryLines } from './greeting.ts'
import { logListeners } from './log-listeners.ts'
import { makeAdmin, makeWires } from './make-transports.ts'
import { openChanges } from './open-changes.ts'
import { openThreadsMemory, openWorkers, type Workers } from './open-workers.ts'
import { proxyGreeting } from './proxy-greeting.ts'
import { reloadOnChange } from './reload-on-change.ts'
import { type Listening, listenAll } from './run-transports.ts'
import type { ServeOptions } from './serve-options.ts'
import { shownOptions } from './shown-options.ts'
import { shutDown } from './shut-down.ts'
import { stopSignal } from './stop-signal.ts'
import { unknownVariables } from './unknown-variables.ts'
import { usableWorkers } from './usable-workers.ts'
import { openCertificate } from './use-certificate.ts'
import { warnOfOpenListeners } from './warn-of-open-listeners.ts'
import { freeUpstream, type WrappedApp, wrapApp } from './wrap/wrap-app.ts'

/** Runs `headgate serve` until a signal; returns the exit code. */
export async function serve(options: ServeOptions, env: Environment): Promise<number> {
  const opened = createLog({ level: options.logLevel, format: options.logFormat })
  try {
    return await run(opened, options, env)
  } finally {
    await opened.output.close()
  }
}

async function run(opened: OpenLog, options: ServeOptions, env: Environment): Promise<number> {
  const { log, output } = opened
  const { store: url, onStoreError, shutdownDelay, drainTimeout } = options
  const transports: Transport[] = []
  let service: Service | undefined
  let telemetry: Telemetry | undefined
  let app: WrappedApp | null = null
  const following: (() => void)[] = []
  try {
    const { proxy } = options
    const face = proxy === undefined ? 'service' : 'proxy'
    const { file, isSample } = findConfig(options.config, proxy && { sample: PROXY_SAMPLE })
    const upstream = proxy?.upstream ?? (proxy?.wrap === undefined ? undefined : await freeUpstream())
    const replacements = { store: url, onStoreError, upstream }
    const config = await loadConfig(file, { replacements, env, face })
    const certificate = config.tls === undefined ? null : await openCertificate(config.tls)
    const count = await usableWorkers(options, log)
    const threads = count > 1 ? openThreadsMemory(count, options) : null
    const sharedStore =
      threads &&
      (await openSharedStores(
        config.stores,
        threadResilience(config.resilience, { workers: count, isWorker: false }),
      ))
    const store = sharedStore ?? (await openStores(config.stores, config.resilience, keptIn(options, log)))
    let workers: Workers | null = null
    const whyUnserved = (): string | null => {
      if (app?.isListening === false) return 'the app does not listen yet'
      return workers?.pool.serving === 0 ? 'no worker serves; one is being started' : null
    }
    service = createService({
      configuration: config,
      store,
      whyUnserved,
      ...(threads && { shared: threads.own }),
    })
    const otel = otelSettings(env)
    // Without the listener of operators nobody could read metrics.
    const counts = options.adminPort !== 'off' || otel?.metrics === true
    if (threads !== null && sharedStore !== null) {
      const { shared } = sharedStore
      const writeAudit = (line: string): void => telemetry?.writeAudit(line)
      const parts = { options, config, shared, service, certificate, counts, otel }
      workers = openWorkers({ memory: threads, log, output, writeAudit, ...parts })
    }
    const others = workers?.observed
    const watched = { service, store, transports, counts, otel, others: others?.metrics }
    const figures = workers?.pool.figures
    telemetry = await createTelemetry({ ...opened, ...watched, workers: figures })
    logListeners(log, service)
    const observer = createObserver(service, { others: others?.threads })
    following.push(observer.close)
    const recordings = createRecordings(service, workers?.recording)
    const instance = { version: VERSION, file, store: store.label, options: shownOptions(options) }
    const {
      changes,
      overlay,
      close: unfollow,
    } = await openChanges({
      log,
      service,
      target: workers?.pool ?? service,
      config,
      store,
    })
    following.push(unfollow)
    const dashboard = options.adminPort === 'off' ? null : findDashboard()
    const seen = { metrics: telemetry.metrics, observer, recordings, instance, changes }
    const admin = { ...seen, dashboard, worstCase: worstCaseOf }
    transports.push(
      ...(workers?.transports ?? makeWires({ service, certificate }, options)),
      ...makeAdmin({ service, configuration: config, admin, certificate }, options),
    )
    if (!isSample) {
      const fits = (next: Config): void => void adminAddress(options, next)
      following.push(reloadOnChange({ log, service, target: overlay, config, replacements, env, fits, face }))
      following.push(atHangup(telemetry.reopen))
    }
    if (certificate !== null) following.push(certificate.follow(service))
    let isStopping = false
    const signalled = stopSignal()
    if (proxy?.wrap !== undefined && upstream !== undefined) {
      app = wrapApp({ command: proxy.wrap, upstream, env: process.env, log })
    }
    const stop = app === null ? signalled : Promise.race([signalled, app.exited.then(() => null)])
    void stop.then(() => {
      isStopping = true
      workers?.pool.giveUpStart()
    })
    const listening = await listenAll(transports)
    for (const message of unknownVariables(env)) log.warn(message)
    if (proxy === undefined) warnOfOpenListeners(log, service, options)
    const { hash, policies } = service.configuration()
    const started = { config: { ...config, hash, policies }, listening, store: store.label, isSample }
    // Of a start that was given up it is not known where it listens.
    if (!isStopping) {
      const { grpcEngine } = options
      await announce({ log, ...started, workers: count, grpcEngine, hasDashboard: dashboard !== null })
    }
    const signal = await stop
    service.drain()
    workers?.pool.tellAll('draining', null)
    await shutDown({ signal, log, transports, delayMs: shutdownDelay, drainMs: drainTimeout })
    const ended = await app?.stop(signal ?? 'SIGTERM', drainTimeout)
    for (const unfollow of following) unfollow()
    await service.close()
    await telemetry.close()
    save(store, log)
    log.info('stopped')
    return ended?.exitCode ?? 0
  } catch (reason) {
    for (const unfollow of following) unfollow()
    // An app or a transport that is still there would keep the process alive.
    await app?.stop('SIGTERM', drainTimeout)
    await Promise.allSettled(transports.map((one) => one.close()))
    await service?.close()
    await telemetry?.close()
    throw reason
  }
}

/** Does something at SIGHUP, as whoever rotates files asks for; returns what ends that. */
function atHangup(what: () => void): () => void {
  process.on('SIGHUP', what)
  return () => void process.off('SIGHUP', what)
}

function keptIn({ snapshot: path }: ServeOptions, log: Logger): SnapshotFile | undefined {
  return path === undefined ? undefined : { path, warn: (message) => log.warn({ snapshot: path }, message) }
}

/** Keeps the state for the next start. Who reads the log is to learn of it where that fails, not only who sees the process end. */
function save(store: OpenStore, log: Logger): void {
  try {
    store.save?.()
  } catch (reason) {
    log.error({ err: reason }, `state is lost: ${(reason as Error).message}`)
    throw reason
  }
}

interface Started {
  readonly log: Logger
  readonly config: Config
  readonly listening: readonly Listening[]
  readonly store: string
  readonly isSample: boolean
  readonly workers: number
  readonly grpcEngine: GrpcEngineName
  readonly hasDashboard: boolean
}

async function announce({
  log,
  config,
  listening,
  store,
  isSample,
  workers,
  grpcEngine,
  hasDashboard,
}: Started): Promise<void> {
  const { file, hash, policies, notInForce } = config
  for (const { path, message } of notInForce) log.warn({ path }, message)
  for (const { name, url } of listening) {
    const engine = name === GRPC ? { engine: grpcEngine } : {}
    const what = { transport: name, url, ...engine, config: file, hash, store, policies: policies.length }
    const isShared = workers > 1 && name !== ADMIN && !url.startsWith('unix:')
    log.info({ ...what, ...(isShared && { workers }) }, `listening on ${url}`)
  }
  const dashboard = hasDashboard ? dashboardUrl(listening) : null
  if (dashboard !== null) log.info({ dashboard }, `the dashboard is at ${dashboard}`)
  // A person reads along on a terminal, or has not brought a configuration yet.
  const url = listening.find(({ name }) => name === HTTP || name === PROXY)?.url
  if (url === undefined || (!process.stderr.isTTY && !isSample)) return
  if (config.proxy !== undefined) {
    process.stderr.write(`${proxyGreeting({ url, dashboard, isSample, config })}\n`)
    return
  }
  const lines = tryLines(url, await exampleFor(policies))
  process.stderr.write(`${greeting({ url, dashboard, lines, isSample, notInForce: notInForce.length })}\n`)
}

/** Where a browser finds the dashboard; null where it cannot, as at a Unix socket. */
function dashboardUrl(listening: readonly Listening[]): string | null {
  const url = listening.find(({ name }) => name === ADMIN)?.url
  return url === undefined || url.startsWith('unix:') ? null : `${url}/`
}
