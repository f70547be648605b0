import type { OnStoreError } from 'headgate'
import type { LevelWithSilent } from 'pino'
import { storeUrlMistake } from '../config/store-urls.ts'
import type { ListenPort } from '../listener/listen-address.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { LOG_FORMATS, LOG_LEVELS, type LogFormat } from '../telemetry/log/create-log.ts'
import { GRPC_ENGINES, type GrpcEngineName } from '../transports/grpc/grpc-engine.ts'
import { GRPC_EXTRAS, type GrpcExtra } from '../transports/grpc/grpc-extras.ts'
import { countCores } from './count-cores.ts'
import type { OptionRow, OptionTable, Resolved } from './option-table.ts'
import { readDuration } from './read-duration.ts'
import { readListenPort } from './read-listen-port.ts'
import { SINGLE_THREADED_GC, type SingleThreadedGc } from './single-threaded-gc.ts'

const ON_STORE_ERROR = ['local', 'open', 'closed'] as const

const config: OptionRow<string | undefined> = {
  short: 'c',
  value: 'file',
  help: 'configuration file (default: ./headgate.yaml, else a sample)',
  read: (text) => text,
}

const store: OptionRow<string | undefined> = {
  short: 's',
  value: 'url',
  help: 'memory or redis://host:6379, in place of the one in the file',
  read: (text, said) => {
    const mistake = storeUrlMistake(text)
    if (mistake !== null) throw wrongUsage(`${said}: ${mistake}`)
    return text
  },
}

const host: OptionRow<string> = {
  value: 'address',
  help: 'address to listen on',
  byDefault: '127.0.0.1',
  read: readHost,
}

const grpcPort: OptionRow<ListenPort> = {
  value: 'port',
  help: 'port of gRPC, 0 for any, the path of a Unix socket, or off',
  byDefault: '8081',
  read: readListenPort,
}

const grpcEngine: OptionRow<GrpcEngineName> = {
  value: 'name',
  help: 'what serves gRPC: native, on HTTP/2 of our own, or grpc-js',
  byDefault: 'native',
  read: (text, said) => oneOf(GRPC_ENGINES, text, said),
}

const grpcServices: OptionRow<readonly GrpcExtra[]> = {
  value: 'names',
  help: 'services for clients of other systems as well: limitr, guardian, or both with a comma',
  byDefault: 'none',
  read: (text, said) => {
    if (text === 'none') return []
    return [...new Set(text.split(',').map((name) => oneOf(GRPC_EXTRAS, name.trim(), said)))]
  },
}

const grpcReflection: OptionRow<boolean> = {
  help: 'tell clients of gRPC which services and messages there are',
  byDefault: 'off',
  read: readSwitch,
}

const httpFastPath: OptionRow<boolean> = {
  value: 'when',
  help: 'answer usual requests over HTTP in front of the server that knows all of it: on or off',
  byDefault: 'on',
  read: readSwitch,
}

const respPort: OptionRow<ListenPort> = {
  value: 'port',
  help: 'port of the Redis protocol, 0 for any, the path of a Unix socket, or off',
  byDefault: '6380',
  read: readListenPort,
}

const adminHost: OptionRow<string> = {
  value: 'address',
  help: 'address of the admin listener; beyond this machine it takes tokens',
  byDefault: '127.0.0.1',
  read: readHost,
}

const adminPort: OptionRow<ListenPort> = {
  value: 'port',
  help: 'port of the admin listener, 0 for any, the path of a Unix socket, or off',
  byDefault: '9090',
  read: readListenPort,
}

const port: OptionRow<ListenPort> = {
  short: 'p',
  value: 'port',
  help: 'port to listen on, 0 for any, the path of a Unix socket, or off',
  also: 'PORT',
  byDefault: '8080',
  read: readListenPort,
}

const maxConnections: OptionRow<number> = {
  value: 'number',
  help: 'most connections that are open at once, of each listener',
  byDefault: '10000',
  read: readCount,
}

const maxConnectionsPerPeer: OptionRow<number> = {
  value: 'number',
  help: 'most of them of one address, or network of IPv6; trusted proxies apart',
  byDefault: '1000',
  read: readCount,
}

const onStoreError: OptionRow<OnStoreError | undefined> = {
  value: 'how',
  help: 'local, open or closed, in place of that of the store in the file',
  read: (text, said) => oneOf(ON_STORE_ERROR, text, said),
}

const logLevel: OptionRow<LevelWithSilent> = {
  value: 'level',
  help: 'least level that is logged: trace, debug, info, warn, error, fatal, silent',
  byDefault: 'info',
  read: (text, said) => oneOf(LOG_LEVELS, text, said),
}

const logFormat: OptionRow<LogFormat> = {
  value: 'format',
  help: 'json, one object a line, or text for people',
  byDefault: 'json',
  read: (text, said) => oneOf(LOG_FORMATS, text, said),
}

/** In milliseconds. */
const shutdownDelay: OptionRow<number> = {
  value: 'time',
  help: 'from SIGTERM on, not ready but still serving for this long',
  byDefault: '5s',
  read: readDuration,
}

/** In milliseconds. */
const drainTimeout: OptionRow<number> = {
  value: 'time',
  help: 'then requests under way get this long to finish',
  byDefault: '10s',
  read: readDuration,
}

const snapshot: OptionRow<string | undefined> = {
  value: 'file',
  help: 'keep the state of a store in memory here from one planned end to the next start',
  read: (text, said) => {
    if (text.trim() !== '') return text
    throw wrongUsage(`an empty path is no file; give ${said} one, or leave it out`)
  },
}

const singleThreadedGc: OptionRow<SingleThreadedGc> = {
  value: 'when',
  help: 'collect garbage without helper threads: on, off, or auto where there is one CPU',
  byDefault: 'auto',
  read: (text, said) => oneOf(SINGLE_THREADED_GC, text, said),
}

const workers: OptionRow<number> = {
  value: 'number',
  help: 'threads that answer clients, on one memory: a number, or auto for one each core',
  byDefault: '1',
  read: readWorkers,
}

/** The options of `headgate serve`: of each come a flag, a variable, the help and the reference. */
export const SERVE_OPTIONS = {
  config,
  store,
  host,
  port,
  maxConnections,
  maxConnectionsPerPeer,
  httpFastPath,
  grpcPort,
  grpcEngine,
  grpcServices,
  grpcReflection,
  respPort,
  adminHost,
  adminPort,
  onStoreError,
  logLevel,
  logFormat,
  shutdownDelay,
  drainTimeout,
  snapshot,
  singleThreadedGc,
  workers,
} satisfies OptionTable

/** Options of `headgate serve`, read; of `headgate proxy` those that both have. */
export interface ServeOptions extends Resolved<typeof SERVE_OPTIONS> {
  /** Present in a proxy. */
  readonly proxy?: ProxyOptions
}

/** What only a proxy is told. */
export interface ProxyOptions {
  /** In place of the one in the file. */
  readonly upstream: string | undefined
  /** The command of the application, which is run as a child. */
  readonly wrap: string | undefined
}

function readCount(text: string, said: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw wrongUsage(`${JSON.stringify(text)} is no number from 1 to 9999999; give ${said} one such as 1000`)
}

/** Memory that threads share has places for somewhat more. */
const WORKERS_MAX = 100

function readWorkers(text: string, said: string): number {
  if (text === 'auto') return Math.min(countCores(), WORKERS_MAX)
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= WORKERS_MAX) return Number(text)
  throw wrongUsage(`${JSON.stringify(text)} is no number from 1 to ${WORKERS_MAX}; give ${said} one, or auto`)
}

function readSwitch(text: string, said: string): boolean {
  if (['on', 'true', '1'].includes(text)) return true
  if (['off', 'false', '0'].includes(text)) return false
  throw wrongUsage(`${JSON.stringify(text)} is neither on nor off; change ${said}`)
}

function readHost(text: string, said: string): string {
  if (text.trim() !== '') return text
  // It would listen on every interface.
  throw wrongUsage(
    `an empty host would be every address of this machine; give ${said} 127.0.0.1, or 0.0.0.0 for all`,
  )
}

function oneOf<const T extends string>(values: readonly T[], text: string, said: string): T {
  const found = values.find((value) => value === text)
  if (found !== undefined) return found
  throw wrongUsage(`${JSON.stringify(text)} is not one of ${values.join(', ')}; change ${said}`)
}
