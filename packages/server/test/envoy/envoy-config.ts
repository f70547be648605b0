/** The configuration that users copy, with the addresses of a test in it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const EXAMPLE = join(import.meta.dirname, '../../../../examples/envoy')

// biome-ignore lint/suspicious/noExplicitAny: whatever a test changes in it
export type EnvoyConfig = any

/** A file of the example, as it is. */
export function exampleFile(name: 'headgate.yaml' | 'envoy.yaml'): string {
  return readFileSync(join(EXAMPLE, name), 'utf8')
}

/** Who listens where, on 127.0.0.1. */
export interface EnvoyPorts {
  readonly app: number
  /** Of the instances of the service. */
  readonly services: readonly number[]
}

/** The example with these ports, and time to answer; Envoy itself listens on any. */
export function exampleConfig({ app, services }: EnvoyPorts): EnvoyConfig {
  const config = parse(exampleFile('envoy.yaml')) as EnvoyConfig
  config.admin = { address: addressOf(0) }
  config.static_resources.listeners[0].address = addressOf(0)
  endpointsOf(config, 'app', [app])
  endpointsOf(config, 'headgate', services)
  // Of a busy machine nothing is said here.
  rateLimitFilter(config).timeout = '30s'
  return config
}

/** The settings of the filter that asks the service. */
export function rateLimitFilter(config: EnvoyConfig): EnvoyConfig {
  const named = ({ name }: { name: string }): boolean => name === 'envoy.filters.http.ratelimit'
  return httpOf(config).http_filters.find(named).typed_config
}

/** Adds a filter before all others. */
export function addFilter(config: EnvoyConfig, name: string, typedConfig: object): void {
  httpOf(config).http_filters.unshift({ name, typed_config: typedConfig })
}

/** Adds a route before all others. */
export function addRoute(config: EnvoyConfig, prefix: string, rateLimits: readonly object[]): void {
  const type = 'type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute'
  const asked = { '@type': type, rate_limits: rateLimits }
  const route = {
    match: { prefix },
    route: { cluster: 'app' },
    typed_per_filter_config: { 'envoy.filters.http.ratelimit': asked },
  }
  httpOf(config).route_config.virtual_hosts[0].routes.unshift(route)
}

/** Asks the service over TLS, if this authority vouches for it. */
export function askOverTls(config: EnvoyConfig, authority: string): void {
  const { clusters } = config.static_resources
  const found = clusters.find(({ name }: { name: string }) => name === 'headgate')
  const context = {
    '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
    sni: 'localhost',
    common_tls_context: {
      validation_context: {
        trusted_ca: { inline_string: authority },
        match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'localhost' } }],
      },
    },
  }
  found.transport_socket = { name: 'tls', typed_config: context }
}

function httpOf(config: EnvoyConfig): EnvoyConfig {
  return config.static_resources.listeners[0].filter_chains[0].filters[0].typed_config
}

function endpointsOf(config: EnvoyConfig, cluster: string, ports: readonly number[]): void {
  const found = config.static_resources.clusters.find(({ name }: { name: string }) => name === cluster)
  found.load_assignment.endpoints = [
    { lb_endpoints: ports.map((port) => ({ endpoint: { address: addressOf(port) } })) },
  ]
}

function addressOf(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}
