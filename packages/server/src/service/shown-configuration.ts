import type { Configuration } from './configuration.ts'
import type { PolicyListing } from './policy-listing.ts'
import type { Service } from './service.ts'

/** A token as it may be shown: whose it is and what for. */
export interface ShownToken {
  readonly name: string
  readonly scopes: readonly string[]
  /** Null: any. */
  readonly domains: readonly string[] | null
  readonly policies: readonly string[] | null
  /** Null: any number. */
  readonly limit: string | null
}

/** The configuration in force beside its policies; null: not for this caller to know. */
export interface ShownConfiguration extends PolicyListing {
  readonly http: Configuration['http'] | null
  readonly trustedProxies: readonly string[] | null
  readonly attributes: Readonly<Record<string, readonly string[]>> | null
  /** How tokens of users are verified, without the key; null where they are not. */
  readonly jwt: { readonly algorithms: readonly string[]; readonly header: string } | null
  readonly tokens: readonly ShownToken[] | null
  /** Whether receipts have keys of the configuration, and how many former ones are taken. */
  readonly receipts: { readonly isConfigured: boolean; readonly previousKeys: number } | null
  readonly hashKeys: boolean | null
  readonly adminHosts: readonly string[] | null
}

/** The configuration in force as a caller may see it: no secret, no hash of one, and no value that tells people apart. */
export function shownConfiguration(service: Service): ShownConfiguration {
  const listing = service.policies()
  if (service.grant?.isConfined === true) return { ...listing, ...NOTHING }
  const { http = {}, identity, tokens, receipts, hashKeys, admin } = service.configuration()
  const jwt = identity?.jwt
  return {
    ...listing,
    http,
    trustedProxies: identity?.trustedProxies ?? [],
    attributes: identity?.attributes ?? {},
    jwt: jwt === undefined ? null : { algorithms: jwt.algorithms, header: jwt.header },
    tokens: (tokens ?? []).map(({ name, scopes, domains = null, policies = null, limit }) => {
      return { name, scopes, domains, policies, limit: limit === undefined ? null : rateText(limit) }
    }),
    receipts: { isConfigured: receipts !== undefined, previousKeys: receipts?.previousKeys?.length ?? 0 },
    hashKeys: hashKeys !== undefined,
    adminHosts: admin?.hosts ?? [],
  }
}

const NOTHING = {
  http: null,
  trustedProxies: null,
  attributes: null,
  jwt: null,
  tokens: null,
  receipts: null,
  hashKeys: null,
  adminHosts: null,
} as const

type Limit = NonNullable<NonNullable<Configuration['tokens']>[number]['limit']>

function rateText(limit: Limit): string {
  return typeof limit === 'string' ? limit : `${limit.limit}/${limit.window}`
}
