/** Proxies in front of the service, as they are configured at least. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { envoyPath } from '../../../../scripts/ensure-envoy.ts'
import { commandPath } from '../../../../scripts/redis-installers.ts'
import { until } from '../../../limiter/test/harness/until.ts'
import { accepts, freePort } from '../gateways/gateway.ts'
import { nginxFile } from '../gateways/nginx-file.ts'

const START_MS = 30_000

/** A proxy, and its file. */
export interface RealGateway {
  readonly name: string
  /** Null where it is not installed. */
  readonly program: string | null
  readonly args: (file: string, folder: string) => readonly string[]
  readonly config: (ports: GatewayPorts) => string
}

/** Where it listens, and where the service does. */
export interface GatewayPorts {
  readonly own: number
  readonly service: number
  readonly folder: string
}

const nginx = { program: commandPath('nginx') ?? null, args: (file: string) => ['-c', file] }

export const realGateways: readonly RealGateway[] = [
  {
    name: 'nginx with connections that are kept',
    ...nginx,
    config: (ports) =>
      nginxBefore(
        ports,
        `proxy_pass http://headgate; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;`,
      ),
  },
  {
    name: 'HAProxy',
    program: commandPath('haproxy') ?? null,
    args: (file) => ['-f', file],
    config: ({ own, service }) => `
defaults
  mode http
  option forwardfor
  timeout connect 10s
  timeout client 30s
  timeout server 30s
listen headgate
  bind 127.0.0.1:${own}
  server one 127.0.0.1:${service}
`,
  },
  {
    name: 'Envoy',
    program: envoyPath(),
    args: (file) => ['--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error', '-c', file],
    config: envoyFile,
  },
]

/** As it comes it speaks HTTP/1.0 to what is behind it. */
export const plainNginx: RealGateway = {
  name: 'nginx as it comes',
  ...nginx,
  config: (ports) => nginxBefore(ports, 'proxy_pass http://headgate;'),
}

/** Starts one; answers its URL. It ends with the stack. */
export async function startGateway(
  { name, program, args, config }: RealGateway,
  service: number,
  stack: AsyncDisposableStack,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-gateway-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const own = await freePort()
  const file = join(folder, 'gateway.conf')
  writeFileSync(file, config({ own, service, folder }))
  const child = spawn(String(program), args(file, folder), { stdio: ['ignore', 'ignore', 'inherit'] })
  stack.defer(() => end(child))
  await until(`${name} listens`, () => accepts(own), { withinMs: START_MS })
  return `http://127.0.0.1:${own}`
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function nginxBefore({ own, service, folder }: GatewayPorts, location: string): string {
  return nginxFile(
    folder,
    `upstream headgate { server 127.0.0.1:${service}; keepalive 8; }
  server {
    listen 127.0.0.1:${own};
    location / {
      ${location}
    }
  }`,
  )
}

function envoyFile({ own, service }: GatewayPorts): string {
  const address = (port: number): object => ({
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
  })
  const v3 = 'type.googleapis.com/envoy.extensions.filters'
  const router = { name: 'router', typed_config: { '@type': `${v3}.http.router.v3.Router` } }
  const routes = [{ match: { prefix: '/' }, route: { cluster: 'headgate' } }]
  const manager = {
    '@type': `${v3}.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: 'in',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes }] },
    http_filters: [router],
  }
  const filters = [{ name: 'manager', typed_config: manager }]
  const endpoints = [{ lb_endpoints: [{ endpoint: address(service) }] }]
  const assignment = { cluster_name: 'headgate', endpoints }
  return JSON.stringify({
    static_resources: {
      listeners: [{ ...address(own), filter_chains: [{ filters }] }],
      clusters: [{ name: 'headgate', type: 'STATIC', load_assignment: assignment }],
    },
  })
}
