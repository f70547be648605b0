import type { FastifyRequest } from 'fastify'

/** For callers whose `Authorization` is that of somebody else. */
const FIELD = 'x-headgate-token'

/**
 * The token of a caller, by which it is known to the service: that of `X-Headgate-Token`, else the bearer token in
 * `Authorization`. One of another kind may say who is limited; where a token is wanted it is refused as none of ours.
 * Undefined where there is none.
 */
export function readCredential({ headers }: FastifyRequest, isForwarded: boolean): string | undefined {
  // Of two fields Node makes one text, which is no token.
  const own = headers[FIELD]
  if (own !== undefined || isForwarded) return own?.toString()
  const [, bearer] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
  return bearer
}
