import { dirname } from 'node:path'
import { parseDuration } from 'headgate'
import { compileTrustedProxies } from 'headgate/http'
import type { IdentitySettings, JwtSettings } from '../service/identity/identity-settings.ts'
import { TrustedPeers, UNIX } from '../service/identity/trusted-peers.ts'
import type { Mistake } from './config-error.ts'
import { type FileJwt, isKey, readJwtKey } from './jwt-key.ts'
import { libraryMistake } from './library-mistake.ts'
import type { FileShape } from './schema/file-shape.ts'

/** Where the attributes of a file come from, or what is wrong with that. A key file is looked for beside `file`. */
export function readIdentity(
  { trustedProxies = [], attributes = {}, jwt }: FileShape,
  file: string,
): IdentitySettings | readonly Mistake[] {
  const mistake = libraryMistake(() => new TrustedPeers(trustedProxies), { trustedProxies })
  const mistakes = mistake === null ? [] : [mistake]
  const key = jwt === undefined ? null : readJwtKey(jwt, dirname(file))
  if (key !== null && !isKey(key)) mistakes.push(key)
  if (mistakes.length > 0) return mistakes
  const sources = Object.entries(attributes).map(([name, given]) => [name, [given].flat()])
  return {
    trustedProxies,
    attributes: Object.fromEntries(sources),
    ...(jwt !== undefined && key !== null && isKey(key) && { jwt: jwtSettings(jwt, key) }),
  }
}

function jwtSettings(jwt: FileJwt, key: JwtSettings['key']): JwtSettings {
  const { algorithms, issuer, audience, clockTolerance = 0, header = 'authorization' } = jwt
  return {
    algorithms,
    key,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    clockToleranceSeconds: clockTolerance === 0 ? 0 : parseDuration(clockTolerance, '') / 1000,
    header: header.toLowerCase(),
  }
}

/** No private network has fewer leading bits: `10.0.0.0/8`, `fc00::/7`. */
const PRIVATE_BITS_MIN = 7

/** Warns of networks of trusted proxies that reach beyond those of anybody: `0.0.0.0/0`, `::/0`. */
export function proxyWarnings({ trustedProxies }: IdentitySettings): string[] {
  return trustedProxies.flatMap((one, i) => {
    if (one === UNIX) return []
    const [{ prefix = 0 } = {}] = compileTrustedProxies([one])
    if (prefix >= PRIVATE_BITS_MIN) return []
    const who = prefix === 0 ? 'everybody' : 'far more than a network of yours'
    return [
      `trustedProxies[${i}]: ${one} is ${who}, who can then say what address they have; list your proxies`,
    ]
  })
}

/** Warns of sources that anybody can set, and of those that are never there. */
export function sourceWarnings({ trustedProxies, attributes, jwt }: IdentitySettings): string[] {
  return Object.entries(attributes).flatMap(([attribute, sources]) =>
    sources.flatMap((source) => {
      const why = warningOf(source, { hasProxies: trustedProxies.length > 0, hasJwt: jwt !== undefined })
      return why === null ? [] : [`attributes.${attribute}: ${source} ${why}`]
    }),
  )
}

interface Believed {
  readonly hasProxies: boolean
  readonly hasJwt: boolean
}

function warningOf(source: string, { hasProxies, hasJwt }: Believed): string | null {
  const [kind] = source.split('.')
  switch (kind) {
    case 'jwt':
      return hasJwt ? null : 'is never there: give jwt a key and its algorithms'
    case 'header':
      return hasProxies ? null : 'is never there: without trustedProxies anybody could set it'
    case 'query':
    case 'cookie':
      return 'can be set by anybody: whoever changes it has another budget'
    default:
      return null
  }
}
