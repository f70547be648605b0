import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { type Config, loadConfig } from '../config/config.ts'
import { exampleFor } from '../config/example.ts'
import { openStores } from '../config/store-from-config.ts'
import type { StoreConfig } from '../config/stores.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { createService, type Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import { createHttpTransport } from '../transports/http/http-transport.ts'
import { HTTP } from '../transports/http/transport-name.ts'
import { endOf } from './exit.ts'
import { greeting, tryLines } from './greeting.ts'
import { createLog, logEvents, readLogLevel } from './log.ts'
import { readDuration } from './read-duration.ts'
import { reloadOnChange } from './reload-on-change.ts'
import { type Listening, listenAll } from './run-transports.ts'
import { shutDown } from './shut-down.ts'
import { stopSignal } from './stop-signal.ts'

/** Options of `headgate serve`, as typed. */
export interface ServeOptions {
  readonly config?: string
  readonly store?: string
  readonly host: string
  readonly port?: string
  readonly logLevel: string
  readonly shutdownDelay: string
  readonly drainTimeout: string
}

const SAMPLE = fileURLToPath(new URL('../../sample/headgate.yaml', import.meta.url))
const DEFAULT_PORT = '8080'

/** Runs `headgate serve` until a signal; returns the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  const transports: Transport[] = []
  let service: Service | undefined
  let reloading: (() => void) | undefined
  try {
    const log = createLog(readLogLevel(options.logLevel))
    const delayMs = readDuration(options.shutdownDelay, '--shutdown-delay')
    const drainMs = readDuration(options.drainTimeout, '--drain-timeout')
    const host = readHost(options.host)
    const port = readPort(options.port ?? (process.env['PORT'] || DEFAULT_PORT))
    const config = await loadConfig(options.config ?? SAMPLE)
    const store = await openStores(storesFor(config, options), config.resilience)
    service = createService({ configuration: config, store })
    logEvents(log, service)
    transports.push(createHttpTransport(service, { host, port }))
    reloading = reloadOnChange({ log, service, config, options })
    const stop = stopSignal()
    const listening = await listenAll(transports)
    await announce({ log, config, listening, store: store.label, isSample: options.config === undefined })
    const signal = await stop
    reloading()
    await shutDown({ signal, log, service, transports, delayMs, drainMs })
    await service.close()
    log.info('stopped')
    return 0
  } catch (reason) {
    const { message, code } = endOf(reason)
    console.error(message)
    reloading?.()
    // A transport that still listened would keep the process alive.
    await Promise.allSettled(transports.map((one) => one.close()))
    await service?.close()
    return code
  }
}

function storesFor({ stores }: Config, { store: url }: ServeOptions): Config['stores'] {
  if (url === undefined) return stores
  const [name, ...others] = Object.keys(stores)
  if (name !== undefined && others.length === 0) return { [name]: { ...(stores[name] as StoreConfig), url } }
  throw wrongUsage('--store is in place of one store, and the file has several; change their URLs there')
}

/** An empty host, as of a variable that is unset, would listen on every interface. */
function readHost(text: string): string {
  if (text.trim() !== '') return text
  throw wrongUsage(
    'an empty host would be every address of this machine; give --host 127.0.0.1, or 0.0.0.0 for all',
  )
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw wrongUsage(`${JSON.stringify(text)} is not a port; give --port a number from 0 to 65535`)
}

interface Started {
  readonly log: Logger
  readonly config: Config
  readonly listening: readonly Listening[]
  readonly store: string
  readonly isSample: boolean
}

async function announce({ log, config, listening, store, isSample }: Started): Promise<void> {
  const { file, hash, policies, notInForce } = config
  for (const { path, message } of notInForce) log.warn({ path }, message)
  for (const { name, url } of listening) {
    const what = { transport: name, url, config: file, hash, store, policies: policies.length }
    log.info(what, `listening on ${url}`)
  }
  // A person reads along on a terminal, or has not brought a configuration yet.
  const url = listening.find(({ name }) => name === HTTP)?.url
  if (url === undefined || (!process.stderr.isTTY && !isSample)) return
  const lines = tryLines(url, await exampleFor(policies))
  process.stderr.write(`${greeting(url, lines, notInForce.length)}\n`)
}
