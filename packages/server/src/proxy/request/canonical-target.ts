import type { OwnAnswer } from '../answers/own-answer.ts'
import { type Authority, parseAuthority } from './authority.ts'
import { canonicalPath } from './canonical-path.ts'
import { REFUSALS } from './refusals.ts'

/** What a request is for. */
export interface RequestTarget {
  readonly path: string
  /** With its `?`; empty where there is none. */
  readonly query: string
}

/** Most characters of a target. */
const TARGET_LENGTH_MAX = 16 * 1024

const ABSOLUTE = /^https?:\/\/([^/?]*)(.*)$/i
/** A query as it may stand; a fragment is never sent. */
const QUERY = /^[!"$-~]*$/
const PRINTABLE = /^[!-~]*$/

/**
 * Reads the target of a request line: a path with or without query, or a URL whose host is that of the Host field. All else is
 * refused: `*`, which asks about the server as a whole, and what only clients of forward proxies send.
 */
export function canonicalTarget(
  url: string,
  host: Authority,
  encoded: 'refuse' | 'pass',
): RequestTarget | OwnAnswer {
  if (url.length > TARGET_LENGTH_MAX) return REFUSALS.targetTooLong
  const target = url.startsWith('/') ? url : pathOfUrl(url, host)
  if (target === null) return REFUSALS.target
  const at = target.indexOf('?')
  const query = at < 0 ? '' : target.slice(at)
  if (query !== '' && !QUERY.test(query)) return REFUSALS.query
  const given = at < 0 ? target : target.slice(0, at)
  const path = PRINTABLE.test(given) ? canonicalPath(given, encoded) : null
  return path === null ? REFUSALS.path : { path, query }
}

function pathOfUrl(url: string, { authority }: Authority): string | null {
  const [, named, rest = ''] = ABSOLUTE.exec(url) ?? []
  if (named === undefined || parseAuthority(named)?.authority !== authority) return null
  return rest.startsWith('/') ? rest : `/${rest}`
}
