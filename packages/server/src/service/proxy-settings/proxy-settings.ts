import type { AuthMethod, AuthSettings } from './auth-settings.ts'
import type { CorsSettings } from './cors-settings.ts'
import type { HardeningSettings } from './hardening-settings.ts'
import type { RemoteSettings } from './remote-settings.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** The edge proxy as a configuration has it, with all defaults filled in. Plain data: threads send it to each other. */
export interface ProxySettings {
  /** Hosts that are served, in lower case, as a client names them without port; null: any. */
  readonly hosts: readonly string[] | null
  /** Which clients are served at all, by address. */
  readonly clients: ClientSettings
  readonly paths: PathSettings
  readonly headers: HeaderLimits
  /** At least one, whose path is `/`; of those that fit the one with the most segments counts. */
  readonly routes: readonly RouteSettings[]
  readonly auth: AuthSettings
  /** Null: requests of other origins are forwarded like any other. */
  readonly cors: CorsSettings | null
  /** Another service, which is asked beside the policies of this one; null: none is. */
  readonly remote: RemoteSettings | null
  /** Policies whose cost is known by the response. */
  readonly outcomes: readonly OutcomePolicy[]
  /** Whether clients may speak HTTP/2. It holds as the process was started. */
  readonly http2: boolean
  /** Whether a line is logged for each request. */
  readonly accessLog: boolean
}

/** A policy that spends before a request is forwarded, and is settled by the response. */
export interface OutcomePolicy {
  /** Its name. */
  readonly policy: string
  /** Responses that count, as first and last status; others give back what was spent. Null: all count. */
  readonly statuses: readonly (readonly [first: number, last: number])[] | null
  /** Response field that has the cost, in lower case; null: a response costs what was spent. */
  readonly costField: string | null
}

/** Which clients are served at all. */
export interface ClientSettings {
  /** Addresses and networks; null: all. */
  readonly allow: readonly string[] | null
  /** Wins over `allow`. */
  readonly deny: readonly string[]
}

/** How paths are read. */
export interface PathSettings {
  /** Whether routes and policies take `/LOGIN` for `/login`, as the router of the application does. */
  readonly ignoreCase: boolean
  /** What becomes of paths with encoded characters that have a meaning in paths, such as `%2F`. */
  readonly encoded: 'refuse' | 'pass'
}

/** Most of `bytesMax`: a longer header the parser refuses by itself. */
export const HEADER_BYTES_CEILING = 64 * 1024

/** What header fields of a request may take. */
export interface HeaderLimits {
  /** Most bytes of names and values together. */
  readonly bytesMax: number
  /** Most lines. */
  readonly fieldsMax: number
}

/** What holds for requests whose path begins with that of a route. */
export interface RouteSettings {
  /** Normalised, without a slash at its end but for `/`. */
  readonly path: string
  readonly upstream: UpstreamSettings
  /** Ways to authenticate, any of which is enough; empty: nobody has to. */
  readonly require: readonly AuthMethod[]
  /** All of which a credential has to have. */
  readonly scopes: readonly string[]
  /** In upper case. */
  readonly methods: readonly string[]
  /** Most bytes of a body. */
  readonly bodyBytesMax: number
  /** Whether connections may become WebSockets. */
  readonly webSocket: boolean
  /** Null: responses go through as they are. */
  readonly hardening: HardeningSettings | null
}
