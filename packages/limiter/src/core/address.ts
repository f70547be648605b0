/** IP addresses and networks as numbers: all spellings of one address are equal, and prefixes compare bit by bit. */

import { wrong } from './errors.ts'
import { isWhole } from './validate.ts'
import { warnOnce } from './warn.ts'

/** An address in groups of 16 bits: two are IPv4, eight are IPv6. An IPv4-mapped IPv6 address is that IPv4 address. */
export type Address = readonly number[]

/** All addresses with the same leading bits. */
export interface Network {
  readonly address: Address
  /** How many leading bits: up to 32 for IPv4, up to 128 for IPv6. */
  readonly prefix: number
}

/** Bits of IPv6 by which clients are counted: those of the network that most providers give a household. */
export const IPV6_PREFIX = 56
const GROUP_BITS = 16
const IPV6_GROUPS = 8
// `::ffff:0:0/96`, RFC 4291, section 2.5.5.2.
const MAPPED = [0, 0, 0, 0, 0, 0xffff]
/** Longest text that is read as an address: 49 characters with a port, and room for a zone and blanks. */
const TEXT_LENGTH_MAX = 128
/** Addresses that stand for one of IPv4 each, RFC 6052: what a network of IPv6 alone sees of all clients that have IPv4. */
const TRANSLATED: Network = { address: [0x64, 0xff9b, 0, 0, 0, 0, 0, 0], prefix: 96 }

/**
 * Parses an address as headers contain it, with or without port, brackets and zone: `10.0.0.1`, `10.0.0.1:443`,
 * `::ffff:10.0.0.1` and `[::ffff:a00:1%eth0]:443` are the same address. Null for anything else.
 */
export function parseAddress(given: string): Address | null {
  if (given.length > TEXT_LENGTH_MAX) return null
  const text = given.trim()
  const [, inBrackets] = /^\[([^[\]]+)\](?::\d{1,5})?$/.exec(text) ?? []
  const [, beforePort] = /^([\d.]+):\d{1,5}$/.exec(text) ?? []
  const bare = inBrackets ?? beforePort ?? text
  if (!bare.includes(':')) return inBrackets === undefined ? parseIpv4(bare) : null
  const [, withoutZone = ''] = /^([^%]*)(?:%[^%]+)?$/.exec(bare) ?? []
  const groups = parseIpv6(withoutZone)
  const isMapped = groups !== null && MAPPED.every((group, i) => groups[i] === group)
  return isMapped ? groups.slice(MAPPED.length) : groups
}

/** Parses `10.0.0.0/8`, `2001:db8::/32`, or an address, which is a network of one. Null for anything else. */
export function parseNetwork(text: string): Network | null {
  const [, before = '', digits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const address = parseAddress(before)
  if (address === null) return null
  const bits = address.length * GROUP_BITS
  // The prefix of an IPv4-mapped address includes the 96 bits of the mapping.
  const skipped = address.length < IPV6_GROUPS && before.includes('::') ? MAPPED.length * GROUP_BITS : 0
  const prefix = digits === undefined ? bits : Number(digits) - skipped
  return prefix >= 0 && prefix <= bits ? { address, prefix } : null
}

/** As {@link parseNetwork}, for a configured value: a mistake is an `invalid-options` error at `path`. */
export function compileNetwork(value: unknown, path: string): Network {
  const network = typeof value === 'string' ? parseNetwork(value) : null
  if (network !== null) return network
  throw wrong(value, 'is not an address; use one such as 192.0.2.1 or 10.0.0.0/8', path)
}

/** The address with only its `prefix` leading bits, which all addresses of a network have in common; the others are 0. */
export function maskAddress(address: Address, prefix: number): Address {
  return address.map((group, i) => {
    const kept = Math.min(GROUP_BITS, Math.max(0, prefix - i * GROUP_BITS))
    return group & (0xffff << (GROUP_BITS - kept))
  })
}

/**
 * What all addresses of one client have in common: an address of IPv6 by its `ipv6Prefix` leading bits, for whoever has one
 * has a whole network and can use any address in it. Those of IPv4, and of IPv6 that stand for one (`64:ff9b::/96`), are whole.
 */
export function groupAddress(address: Address, ipv6Prefix: number): Address {
  const isWhole = address.length < IPV6_GROUPS || isInNetwork(address, TRANSLATED)
  return isWhole ? address : maskAddress(address, ipv6Prefix)
}

/**
 * A prefix by which {@link groupAddress} can group; anything but a whole number from 32 to 128 is an `invalid-options` error. With 128
 * nothing is grouped, of which it warns.
 */
export function checkIpv6Prefix(given: unknown, path: string): number {
  if (given === 128) {
    const what =
      'With an ipv6Prefix of 128 whoever has a network of IPv6 has a fresh budget for each address in it'
    warnOnce('HEADGATE_UNGROUPED_IPV6', `${what}; leave it at 56`)
  }
  if (isWhole(given, 32) && given <= 128) return given
  throw wrong(given, 'is no prefix of IPv6; use a whole number from 32 to 128', path)
}

/** Whether an address is in a network; an IPv4 address is never in an IPv6 network, nor the reverse. */
export function isInNetwork(address: Address, { address: network, prefix }: Network): boolean {
  if (address.length !== network.length) return false
  const whole = Math.floor(prefix / GROUP_BITS)
  for (let i = 0; i < whole; i++) if (address[i] !== network[i]) return false
  const rest = GROUP_BITS - (prefix % GROUP_BITS)
  return rest === GROUP_BITS || (address[whole] as number) >> rest === (network[whole] as number) >> rest
}

/** The canonical text of an address: dotted decimal, or eight lower-case hexadecimal groups without `::`. */
export function formatAddress(address: Address): string {
  if (address.length === IPV6_GROUPS) return address.map((group) => group.toString(16)).join(':')
  return address.flatMap((group) => [group >> 8, group & 0xff]).join('.')
}

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const CANONICAL_IPV4 = new RegExp(`^(?:${OCTET}\\.){3}${OCTET}$`)

/** Whether a text is an address of IPv4 as {@link formatAddress} has it, as nearly all are: there is nothing to parse. */
export function isCanonicalIpv4(text: string): boolean {
  return CANONICAL_IPV4.test(text)
}

function parseIpv4(text: string): Address | null {
  // No leading zeros: some parsers read them as octal.
  const octets = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text)
  if (octets === null) return null
  const [a = 0, b = 0, c = 0, d = 0] = octets.slice(1).map(Number)
  return Math.max(a, b, c, d) > 255 ? null : [(a << 8) | b, (c << 8) | d]
}

function parseIpv6(text: string): Address | null {
  const halves = text.split('::')
  const [left, right] = halves.map(parseGroups)
  if (halves.length > 2 || left === null || right === null || left === undefined) return null
  if (right === undefined) return left.length === IPV6_GROUPS ? left : null
  // An IPv4 tail may only be at the end, not before `::`.
  const missing = IPV6_GROUPS - left.length - right.length
  if (missing < 1 || (halves[0] ?? '').includes('.')) return null
  return [...left, ...new Array<number>(missing).fill(0), ...right]
}

/** Groups of hexadecimal digits, the last of which may be an IPv4 address. */
function parseGroups(text: string): number[] | null {
  if (text === '') return []
  const parts = text.split(':')
  const groups = parts.flatMap((part, i): readonly (number | null)[] => {
    if (/^[0-9a-f]{1,4}$/i.test(part)) return [Number.parseInt(part, 16)]
    return (i === parts.length - 1 && parseIpv4(part)) || [null]
  })
  return groups.includes(null) ? null : (groups as number[])
}
