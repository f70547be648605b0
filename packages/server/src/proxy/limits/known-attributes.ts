import { peerOf } from '../../listener/peer-of.ts'
import { GATE_ATTRIBUTE, type Gate } from '../../service/gates.ts'
import type { SourceRequest } from '../../service/identity/attribute-sources.ts'
import { cookiesOf } from '../../service/identity/cookies-of.ts'
import { UNIX } from '../../service/identity/trusted-peers.ts'
import type { Token } from '../../service/identity/verify-token.ts'
import { whenKnown } from '../../service/when-known.ts'
import type { Exchange } from '../proxy-exchange.ts'

/** What policies know of a request. */
export type KnownAttributes = Readonly<Record<string, string>>

/** Whoever comes by a Unix socket is on this machine. */
const THIS_MACHINE = '127.0.0.1'

/** Attributes of a request at a gate: before authentication what its head says, then also who it is. A promise where a token is verified. */
export function attributesAt(exchange: Exchange, gate: Gate): KnownAttributes | Promise<KnownAttributes> {
  const { identity, proxy } = exchange
  const { sources } = proxy.inForce
  const head = headAttributes(exchange, gate)
  const given = identity === null ? head : { ...head, ...identity.attributes, principal: identity.principal }
  if (sources.isEmpty) return given
  const request = sourcesOf(exchange)
  const withToken = (token: Token | null): KnownAttributes => ({
    ...given,
    ...sources.read(request, { given, token }),
  })
  if (gate === 'address') return withToken(null)
  if (identity !== null && identity.claims !== null)
    return withToken({ state: 'valid', claims: identity.claims })
  return whenKnown(sources.resolve(request, given), ({ attributes }) => ({ ...given, ...attributes }))
}

function headAttributes({ request, proxy }: Exchange, gate: Gate): Record<string, string> {
  const { ip, host, method, path } = request
  return {
    ip: ip === UNIX ? THIS_MACHINE : ip,
    host,
    method,
    path: proxy.settings.paths.ignoreCase ? path.toLowerCase() : path,
    [GATE_ATTRIBUTE]: gate,
  }
}

function sourcesOf({ message, request }: Exchange): SourceRequest {
  let query: URLSearchParams | undefined
  return {
    message,
    peer: peerOf(message.socket),
    header: (name) => valuesOf(request.fields, name),
    query: (name) => {
      query ??= new URLSearchParams(request.query)
      return query.getAll(name)
    },
    // Of several lines the application makes one, as HTTP/2 does (RFC 9113, section 8.2.3).
    cookie: (name) => cookiesOf(valuesOf(request.fields, 'cookie').join('; '), name),
    descriptor: () => [],
  }
}

function valuesOf(fields: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === name) values.push(fields[i + 1] as string)
  }
  return values
}
