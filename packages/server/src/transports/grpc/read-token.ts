import { TOKEN_PREFIX } from '../../service/access/token-text.ts'
import type { SourceRequest } from '../../service/identity/attribute-sources.ts'

/** What answers all values of a field of the metadata. */
export type Metadata = Pick<SourceRequest, 'header'>

/**
 * The token of a caller, by which it is known to the service: that of `x-headgate-token`, else one of ours in `authorization`,
 * else what is there, which is refused as none of ours. Undefined where there is none; of two nobody knows which is meant.
 */
export function readToken(metadata: Metadata): string | undefined {
  const own = metadata.header('x-headgate-token')
  if (own.length > 0) return own.join(', ')
  const all = metadata.header('authorization')
  const ours = all.filter((value) => value.includes(TOKEN_PREFIX))
  const [, token] = /^bearer +(\S+) *$/i.exec((ours.length > 0 ? ours : all).join(', ')) ?? []
  return token
}
