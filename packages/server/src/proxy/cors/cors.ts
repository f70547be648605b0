import type { CorsSettings } from '../../service/proxy-settings/cors-settings.ts'
import type { OwnAnswer } from '../answers/own-answer.ts'
import { type CanonicalRequest, fieldOf } from '../request/canonical-request.ts'

/** What pages of other origins may do, as browsers are told of it. */
export interface Cors {
  /**
   * The answer to a preflight: an OPTIONS with an origin that asks for a method. What it asks for is allowed by fields, and is refused by
   * their absence. Null where the request is none. A preflight is never forwarded.
   */
  preflight(request: Pick<CanonicalRequest, 'method' | 'fields'>): OwnAnswer | null
  /**
   * The fields that tell whether the page may read the response, in flat pairs with names in lower case, for {@link withCorsFields}. It
   * is to be asked for every response, those of the proxy as well: else a page cannot read why it was refused.
   */
  fieldsFor(request: Pick<CanonicalRequest, 'fields'>): readonly string[]
}

/** Request fields that a page may always set (Fetch standard, section 2.2.2). */
const SAFELISTED_FIELDS = ['accept', 'accept-language', 'content-language', 'content-type']
const PREFLIGHT_VARY = 'origin, access-control-request-method, access-control-request-headers'

/** Prepares the answers. Origins are compared as they are: a browser sends one origin in one spelling only. */
export function compileCors(settings: CorsSettings): Cors {
  const { origins, methods, headers, maxAgeSeconds } = settings
  const fieldsOf = compileOrigins(settings)
  const none = origins === '*' ? [] : ['vary', 'origin']
  const known = new Set(methods)
  const allowed = new Set([...SAFELISTED_FIELDS, ...headers])
  const grants = [
    ...['access-control-allow-methods', methods.join(', ')],
    ...(headers.length === 0 ? [] : ['access-control-allow-headers', headers.join(', ')]),
    ...['access-control-max-age', String(maxAgeSeconds)],
  ]
  return {
    preflight(request) {
      if (request.method !== 'OPTIONS') return null
      const origin = fieldOf(request, 'origin')
      const method = fieldOf(request, 'access-control-request-method')
      if (origin === null || method === null) return null
      const names = fieldOf(request, 'access-control-request-headers')
      const granted = known.has(method) && areAllowed(names, allowed) ? fieldsOf(origin) : null
      if (granted === null) return preflightAnswer([])
      return preflightAnswer([...granted.preflight, ...grants])
    },
    fieldsFor(request) {
      const origin = fieldOf(request, 'origin')
      // Where all origins get the same, a cache keeps one response for all, whoever asked first.
      return fieldsOf(origin ?? '')?.response ?? none
    },
  }
}

/** What an origin is granted. */
interface Grant {
  readonly preflight: readonly string[]
  readonly response: readonly string[]
}

function compileOrigins(settings: CorsSettings): (origin: string) => Grant | null {
  const { origins } = settings
  if (origins === '*') {
    const any = grantOf('*', settings)
    return () => any
  }
  const grants = new Map(origins.map((origin) => [origin, grantOf(origin, settings)]))
  return (origin) => grants.get(origin) ?? null
}

function grantOf(origin: string, { credentials, expose }: CorsSettings): Grant {
  const allows = [
    ...['access-control-allow-origin', origin],
    ...(credentials ? ['access-control-allow-credentials', 'true'] : []),
  ]
  const exposes = expose.length === 0 ? [] : ['access-control-expose-headers', expose.join(', ')]
  const vary = origin === '*' ? [] : ['vary', 'origin']
  return { preflight: allows, response: [...allows, ...exposes, ...vary] }
}

function preflightAnswer(fields: readonly string[]): OwnAnswer {
  return { outcome: 'preflight', status: 204, fields: [...fields, 'vary', PREFLIGHT_VARY], body: '' }
}

/** Whether all names of a list are allowed; browsers send them in lower case, and others as they like. */
function areAllowed(names: string | null, allowed: ReadonlySet<string>): boolean {
  if (names === null) return true
  return names.split(',').every((name) => {
    const trimmed = name.trim().toLowerCase()
    return trimmed === '' || allowed.has(trimmed)
  })
}
