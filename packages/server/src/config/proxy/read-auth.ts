import type {
  AuthMethod,
  AuthSettings,
  CertificateSettings,
  IdentityFields,
} from '../../service/proxy-settings/auth-settings.ts'
import type { Mistake } from '../config-error.ts'
import type { FileAuth } from '../schema/proxy-auth-shape.ts'
import { readApiKeys } from './read-api-keys.ts'
import { readUsers } from './read-users.ts'

/** What files with keys and users are read with. */
export interface ReadAuthOptions {
  /** Where they are looked for. */
  readonly folder: string
  /** Field that has tokens, in lower case; undefined: there are none. */
  readonly tokenHeader: string | undefined
}

const IDENTITY: IdentityFields = { principal: 'x-auth-principal', scopes: 'x-auth-scopes' }

/** Fields that mean something else to proxies and applications. */
const TAKEN = new Set([
  ...[
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'cookie',
    'expect',
    'forwarded',
    'host',
  ],
  ...[
    'keep-alive',
    'origin',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
  ],
  ...['upgrade', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id'],
])

/** How clients of the proxy authenticate, with the keys and users of files beside the configuration, or what is wrong with that. */
export function readAuth(file: FileAuth, options: ReadAuthOptions): AuthSettings | readonly Mistake[] {
  const apiKeys = file.apiKeys ? readApiKeys(file.apiKeys, options.folder) : null
  const basic = file.basic ? readUsers(file.basic, options.folder) : null
  const identityFields = lowerCase({ ...IDENTITY, ...file.identity })
  const mistakes = [
    ...(isMistaken(apiKeys) ? apiKeys : []),
    ...(isMistaken(basic) ? basic : []),
    ...fieldMistakes({ header: headerOf(apiKeys), identityFields, tokenHeader: options.tokenHeader }),
  ]
  if (mistakes.length > 0 || isMistaken(apiKeys) || isMistaken(basic)) return mistakes
  return { apiKeys, basic, certificates: certificatesOf(file), identityFields }
}

/** What else a way to authenticate takes. */
export interface Available {
  readonly auth: Pick<AuthSettings, 'apiKeys' | 'basic'>
  /** Whether the file has `jwt`. */
  readonly hasJwt: boolean
  /** Whether the file has `tls.clientCaFile`. */
  readonly hasClientCa: boolean
}

/** What a file lacks where it requires this way to authenticate; null: nothing. */
export function missingFor(method: AuthMethod, { auth, hasJwt, hasClientCa }: Available): string | null {
  switch (method) {
    case 'apiKey':
      return auth.apiKeys === null ? 'apiKey takes proxy.apiKeys, which has the keys' : null
    case 'jwt':
      return hasJwt ? null : 'jwt takes the section jwt, which says how tokens are verified'
    case 'basic':
      return auth.basic === null ? 'basic takes proxy.basic, which has the users' : null
    case 'certificate':
      return hasClientCa
        ? null
        : 'certificate takes tls.clientCaFile, whose authorities sign certificates of clients'
  }
}

function certificatesOf({ certificates = {} }: FileAuth): CertificateSettings {
  const { names = null, fingerprints, scopes = [] } = certificates
  const digits = fingerprints?.map((one) =>
    one
      .replace(/^sha256:/, '')
      .replaceAll(':', '')
      .toLowerCase(),
  )
  return { names, fingerprints: digits ?? null, scopes }
}

function headerOf(apiKeys: AuthSettings['apiKeys'] | readonly Mistake[]): string | null {
  return isMistaken(apiKeys) ? null : (apiKeys?.header ?? null)
}

function lowerCase({ principal, scopes }: IdentityFields): IdentityFields {
  return { principal: principal.toLowerCase(), scopes: scopes.toLowerCase() }
}

interface Fields {
  readonly header: string | null
  readonly identityFields: IdentityFields
  readonly tokenHeader: string | undefined
}

/** A field has one meaning. */
function fieldMistakes({ header, identityFields, tokenHeader }: Fields): Mistake[] {
  const { principal, scopes } = identityFields
  const used = new Set([...TAKEN, ...(tokenHeader === undefined ? [] : [tokenHeader])])
  const fields: [string | null, readonly string[]][] = [
    [header, ['apiKeys', 'header']],
    [principal, ['identity', 'principal']],
    [scopes, ['identity', 'scopes']],
  ]
  return fields.flatMap(([name, path]) => {
    if (name === null) return []
    const isTaken = used.has(name)
    used.add(name)
    const message = `${name} has another meaning already; use a field of its own, such as x-api-key`
    return isTaken ? [{ path: ['proxy', ...path], message }] : []
  })
}

/** Whether there are mistakes in place of what was to be read. */
function isMistaken<T extends object>(read: T | null | readonly Mistake[]): read is readonly Mistake[] {
  return Array.isArray(read)
}
