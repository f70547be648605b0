import type { CallMessage } from './call-message.ts'

/** For callers whose `Authorization` is that of somebody else. */
const FIELD = 'x-headgate-token'

/**
 * The token of a caller, by which it is known to the service: that of `X-Headgate-Token`, else the bearer token in
 * `Authorization`. One of another kind may say who is limited; where a token is wanted it is refused as none of ours.
 * Undefined where there is none.
 */
export function readCredential(
  call: Pick<CallMessage, 'field' | 'values'>,
  isForwarded: boolean,
): string | undefined {
  const own = call.field(FIELD)
  if (own !== undefined || isForwarded) return own
  const authorization = call.field('authorization')
  // Of two none is taken: who stands between may look at the other one.
  if (authorization === undefined || call.values('authorization').length > 1) return undefined
  const [, bearer] = /^bearer +(\S+) *$/i.exec(authorization) ?? []
  return bearer
}
