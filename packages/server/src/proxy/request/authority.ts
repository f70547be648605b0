import { isIPv6 } from 'node:net'

/** A host as a client names it. */
export interface Authority {
  /** In lower case, without port and without the dot at the end. */
  readonly host: string
  /** With the port, where one is named. */
  readonly authority: string
}

const AUTHORITY = /^(?:([a-z\d_-]+(?:\.[a-z\d_-]+)*)\.?|(\[[\da-f:.]+\]))(?::(\d{1,5}))?$/
/** A name of the DNS, with a port. */
const LENGTH_MAX = 253 + 1 + 6
const PORT_MAX = 65_535

/** Reads the value of a Host field; null where it is none: empty, a list, with a user, or with a port that is none. */
export function parseAuthority(field: string): Authority | null {
  if (field.length > LENGTH_MAX) return null
  const [, name, address, port] = AUTHORITY.exec(field.toLowerCase()) ?? []
  const host = name ?? address
  if (host === undefined) return null
  if (address !== undefined && !isIPv6(address.slice(1, -1))) return null
  if (port === undefined) return { host, authority: host }
  const number = Number(port)
  return number === 0 || number > PORT_MAX ? null : { host, authority: `${host}:${number}` }
}
