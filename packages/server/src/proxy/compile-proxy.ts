import type { ConfigurationInForce } from '../service/in-force.ts'
import type { ProxySettings, RouteSettings } from '../service/proxy-settings/proxy-settings.ts'
import type { RemoteDecisions } from '../service/remote-decisions.ts'
import type { Service } from '../service/service.ts'
import { steadyClock } from '../service/steady-clock.ts'
import { Authenticator } from './auth/authenticator.ts'
import type { PasswordMemory } from './auth/password-gate.ts'
import type { Needs } from './auth/refusal.ts'
import { type Cors, compileCors } from './cors/cors.ts'
import type { OpenTunnels } from './forward/open-tunnels.ts'
import { CspReports } from './hardening/csp-reports.ts'
import { compileHardening, type Hardener } from './hardening/harden.ts'
import { compileRequestReader, type RequestReader } from './request/compile-request-reader.ts'
import { RouteTable } from './route-table.ts'
import type { UpstreamGroup } from './upstream/forwarding.ts'
import type { Upstreams } from './upstream/upstreams.ts'

/** The proxy by one configuration: what an exchange takes along for all of its way. */
export interface CompiledProxy {
  readonly service: Service
  readonly inForce: ConfigurationInForce
  readonly settings: ProxySettings
  readonly reader: RequestReader
  readonly authenticator: Authenticator
  readonly routes: RouteTable<CompiledRoute>
  /** Of violations of content security policies. */
  readonly reports: CspReports
  readonly tunnels: OpenTunnels
  /** Of another service, where the settings name one. */
  readonly remote: RemoteDecisions
  /** Null where other origins are nothing special. */
  readonly cors: Cors | null
}

/** One route. */
export interface CompiledRoute {
  /** As the file has it. */
  readonly path: string
  readonly group: UpstreamGroup
  /** Null where nobody has to authenticate. */
  readonly needs: Needs | null
  readonly methods: ReadonlySet<string>
  /** The methods as a field `Allow` has them. */
  readonly allow: string
  readonly bodyBytesMax: number
  readonly webSocket: boolean
  readonly harden: Hardener
}

/** What outlives configurations. */
export interface ProxyParts {
  readonly service: Service
  readonly upstreams: Upstreams
  readonly tunnels: OpenTunnels
  readonly remote: RemoteDecisions
  /** Attempts at passwords. */
  readonly passwords: PasswordMemory
}

/** Compiles what is in force; it has a proxy. */
export function compileProxy(
  { service, upstreams, tunnels, remote, passwords }: ProxyParts,
  inForce: ConfigurationInForce,
): CompiledProxy {
  const { proxy: settings, identity, sources } = inForce
  if (settings === undefined) throw new Error('the configuration has no proxy')
  const groups = upstreams.use(settings.routes.map(({ upstream }) => upstream))
  const routes = settings.routes.map((route, i) => compileRoute(route, groups[i] as UpstreamGroup))
  return {
    service,
    inForce,
    tunnels,
    remote,
    settings,
    reader: compileRequestReader(settings, sources.trusted, {
      tokenField: identity?.jwt?.header ?? 'authorization',
    }),
    authenticator: new Authenticator({ settings: settings.auth, jwt: identity?.jwt, memory: passwords }),
    routes: new RouteTable(routes, settings.paths),
    reports: new CspReports({
      paths: settings.routes.flatMap(({ hardening }) => hardening?.reportPath ?? []),
      clock: steadyClock,
      onReport: (report, isLogged) => service.tell('csp-report', { ...report, isLogged }),
    }),
    cors: settings.cors && compileCors(settings.cors),
  }
}

function compileRoute(route: RouteSettings, group: UpstreamGroup): CompiledRoute {
  const { path, require, scopes, methods, bodyBytesMax, webSocket, hardening } = route
  return {
    path,
    group,
    needs: require.length === 0 ? null : { require, scopes },
    methods: new Set(methods),
    allow: methods.join(', '),
    bodyBytesMax,
    webSocket,
    harden: compileHardening(hardening),
  }
}
