/** Octets of HTTP (RFC 9110, section 5.6; RFC 9112). */

export const CR = 0x0d
export const LF = 0x0a
export const COLON = 0x3a
const SPACE = 0x20
const TAB = 0x09

/** 1 for each octet of a name (RFC 9110, section 5.6.2). */
export const TOKEN: Uint8Array = tableOf(
  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
)

/** 1 for each octet of a value that nobody reads in two ways: printable ASCII, blank and tab. */
export const VALUE: Uint8Array = tableOf('\t').map((is, octet) => (octet >= SPACE && octet < 0x7f ? 1 : is))

/** 1 for each octet of a host with its port: a name, an IPv4 address, or an IPv6 address in brackets. */
export const HOST: Uint8Array = tableOf(
  '-._:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
)

export function isBlank(octet: number | undefined): boolean {
  return octet === SPACE || octet === TAB
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
