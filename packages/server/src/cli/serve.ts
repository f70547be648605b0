import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type Config, loadConfig } from '../config/config.ts'
import { exampleFor } from '../config/example.ts'
import { openStores } from '../config/store-from-config.ts'
import type { StoreConfig } from '../config/stores.ts'
import { badRequest } from '../service/describe-failure.ts'
import { createService, type Service } from '../service/service.ts'
import { createHttpServer } from '../transports/http/server.ts'
import { endOf } from './exit.ts'
import { greeting, tryLines } from './greeting.ts'
import { createLog, degradedLog, failureLog } from './log.ts'
import { stopSignal } from './stop-signal.ts'

/** Options of `headgate serve`, as typed. */
export interface ServeOptions {
  readonly config?: string
  readonly store?: string
  readonly host: string
  readonly port?: string
}

const SAMPLE = fileURLToPath(new URL('../../sample/headgate.yaml', import.meta.url))
const DEFAULT_PORT = '8080'
/** Requests under way get this long to finish. */
const DRAIN_MS = 10_000

/** Runs `headgate serve` until a signal; returns the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  const log = createLog()
  let service: Service | undefined
  try {
    const port = readPort(options.port ?? (process.env['PORT'] || DEFAULT_PORT))
    const config = await loadConfig(options.config ?? SAMPLE)
    const store = await openStores(storesFor(config, options), config.resilience)
    service = createService({ ...config, store, onDegraded: degradedLog(log) })
    const app = createHttpServer({ service, onFailure: failureLog(log) })
    const stop = stopSignal()
    const url = await listen(app, options.host, port)
    await announce({ log, config, url, store: store.label, isSample: options.config === undefined })
    const signal = await stop
    log.info({ signal }, 'stopping')
    await drain(app, service, log)
    log.info('stopped')
    return 0
  } catch (reason) {
    const { message, code } = endOf(reason)
    console.error(message)
    await service?.close()
    return code
  }
}

function storesFor({ stores }: Config, { store: url }: ServeOptions): Config['stores'] {
  if (url === undefined) return stores
  const [name, ...others] = Object.keys(stores)
  if (name !== undefined && others.length === 0) return { [name]: { ...(stores[name] as StoreConfig), url } }
  throw badRequest('--store is in place of one store, and the file has several; change their URLs there', '')
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw badRequest(`${JSON.stringify(text)} is not a port; give --port a number from 0 to 65535`, '')
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    if (code === 'EADDRINUSE') {
      throw new Error(
        `port ${port} on ${host} is in use; stop what listens there, or give another with --port`,
      )
    }
    if (code === 'EACCES') throw new Error(`port ${port} needs more rights; give one above 1023 with --port`)
    throw new Error(`cannot listen on ${host}, port ${port} (${code ?? 'unknown error'}); check --host`)
  }
  const address = app.server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

interface Started {
  readonly log: Logger
  readonly config: Config
  readonly url: string
  readonly store: string
  readonly isSample: boolean
}

async function announce({ log, config, url, store, isSample }: Started): Promise<void> {
  const { file, hash, policies, notInForce } = config
  for (const { path, message } of notInForce) log.warn({ path }, message)
  log.info({ url, config: file, hash, store, policies: policies.length }, `listening on ${url}`)
  // A person reads along on a terminal, or has not brought a configuration yet.
  if (!process.stderr.isTTY && !isSample) return
  const lines = tryLines(url, await exampleFor(policies))
  process.stderr.write(`${greeting(url, lines, notInForce.length)}\n`)
}

async function drain(app: FastifyInstance, service: Service, log: Logger): Promise<void> {
  service.drain()
  const cut = setTimeout(() => {
    log.warn(`requests still under way after ${DRAIN_MS / 1000} s are cut off`)
    app.server.closeAllConnections()
  }, DRAIN_MS)
  await app.close()
  clearTimeout(cut)
  await service.close()
}
