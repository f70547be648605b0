/** The static table (RFC 7541, appendix A). */
import type { HeaderField } from './hpack-field.ts'

/** In its order, from index 1: names, with values after them where the table has some. */
const ENTRIES = `
:authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|:status 206
:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges
accept|access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding
content-language|content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host
if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards
proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|strict-transport-security
transfer-encoding|user-agent|vary|via|www-authenticate`

/** Names that are not in the static table, and that clients of gRPC send. */
const OTHER_NAMES =
  'te grpc-timeout grpc-encoding grpc-accept-encoding grpc-trace-bin grpc-tags-bin grpc-previous-rpc-attempts ' +
  'traceparent tracestate baggage x-request-id x-forwarded-for x-forwarded-proto x-envoy-internal x-envoy-expected-rq-timeout-ms'

/** Fields by their indexes. There is none at 0. */
export const STATIC_FIELDS: readonly HeaderField[] = ENTRIES.split(/[|\n]/).map(fieldOf)

/** The index of the first field of each name. */
export const STATIC_NAMES: ReadonlyMap<string, number> = new Map(
  STATIC_FIELDS.map(({ name }, index) => [name, index] as const)
    .slice(1)
    .reverse(),
)

/** The index of each field, by its name and value. */
export const STATIC_INDEXES: ReadonlyMap<string, ReadonlyMap<string, number>> = listIndexes()

const KNOWN_NAMES = new Map([...STATIC_NAMES.keys(), ...OTHER_NAMES.split(' ')].map((name) => [name, name]))

/** The same text for the same name, where it is one that is known: comparing it is then comparing two addresses. */
export function internedName(name: string): string {
  return KNOWN_NAMES.get(name) ?? name
}

function fieldOf(entry: string): HeaderField {
  const [name = '', ...words] = entry.split(' ')
  return { name, value: words.join(' ') }
}

function listIndexes(): Map<string, Map<string, number>> {
  const indexes = new Map<string, Map<string, number>>()
  for (const [index, { name, value }] of STATIC_FIELDS.entries()) {
    if (index === 0) continue
    const values = indexes.get(name) ?? new Map<string, number>()
    indexes.set(name, values.set(value, index))
  }
  return indexes
}
