import { wrongUsage } from '../service/describe-failure.ts'
import { type OptionRow, type OptionTable, pick, type Resolved } from './option-table.ts'
import { SERVE_OPTIONS, type ServeOptions } from './serve-options.ts'

const upstream: OptionRow<string | undefined> = {
  short: 'u',
  value: 'url',
  help: 'where requests go that no route sends elsewhere: http://host:port, https://host, unix:/path',
  read: (text) => text,
}

const wrap: OptionRow<string | undefined> = {
  value: 'command',
  help: 'run the application as a child, which listens on the port in PORT; end with its exit code',
  read: (text, said) => {
    if (text.trim() !== '') return text
    throw wrongUsage(`an empty command runs nothing; give ${said} one, or leave it out`)
  },
}

/** The options of `headgate proxy`: of each come a flag, a variable, the help and the reference. */
export const PROXY_OPTIONS = {
  upstream,
  ...pick(SERVE_OPTIONS, [
    'config',
    'store',
    'host',
    'port',
    'maxConnections',
    'maxConnectionsPerPeer',
    'adminHost',
    'adminPort',
    'onStoreError',
    'logLevel',
    'logFormat',
    'shutdownDelay',
    'drainTimeout',
    'snapshot',
    'singleThreadedGc',
    'workers',
  ]),
  wrap,
} satisfies OptionTable

/** The same process as `headgate serve`, which listens for clients of the upstream, and for nobody else. */
export function proxyServeOptions({
  upstream,
  wrap,
  ...shared
}: Resolved<typeof PROXY_OPTIONS>): ServeOptions {
  const noWires = {
    grpcPort: 'off',
    respPort: 'off',
    grpcEngine: 'native',
    grpcServices: [],
    grpcReflection: false,
    httpFastPath: false,
  } as const
  return { ...shared, ...noWires, proxy: { upstream, wrap } }
}
