import type { FastifyRequest } from 'fastify'
import { TOKEN_PREFIX } from '../../service/access/token-text.ts'

/** For callers whose `Authorization` is that of somebody else. */
const FIELD = 'x-headgate-token'

/**
 * The token of a caller, by which it is known to the service: that of `X-Headgate-Token`, else one of ours in `Authorization`.
 * A bearer token of another kind says who is limited, and not who asks. Undefined where there is none.
 */
export function readCredential({ headers }: FastifyRequest, isForwarded: boolean): string | undefined {
  // Of two fields Node makes one text, which is no token.
  const own = headers[FIELD]
  if (own !== undefined || isForwarded) return own?.toString()
  const [, bearer] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? []
  return bearer?.startsWith(TOKEN_PREFIX) === true ? bearer : undefined
}
