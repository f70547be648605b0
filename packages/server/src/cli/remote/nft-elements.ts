import { isIPv4, isIPv6 } from 'node:net'
import { wrongUsage } from '../../service/describe-failure.ts'

/** The sets of a firewall: one of addresses of IPv4, and one of IPv6. */
export interface NftSets {
  readonly table: string
  readonly ipv4: string
  readonly ipv6: string
}

/** Bits of IPv6 by which clients are counted, where a policy does not say otherwise. */
const IPV6_PREFIX = 56

/** Addresses that stand for one of IPv4 each (RFC 6052) are counted one by one. */
const TRANSLATED = /^64:ff9b:0:0:0:0:/

/** What a firewall gets at most: a block of longer is told again. */
const SECONDS_MAX = 30 * 86_400

/** Of a policy, as far as its keys can be told to a firewall. */
export interface KeyedPolicy {
  readonly key?: unknown
  readonly ipv6Prefix?: unknown
}

/** Reads names of a table and a set; of the set of IPv6 the name ends in 6. */
export function readSets(table: string, set: string): NftSets {
  return { table: identifier(table, '--table'), ipv4: identifier(set, '--set'), ipv6: `${set}6` }
}

/** An address, or a network of IPv6, whose requests are all denied: null where a key is anything else. */
export function bannedNetwork(
  key: string,
  { key: parts, ipv6Prefix = IPV6_PREFIX }: KeyedPolicy,
): string | null {
  // A key of anything else may be chosen by a client so that it reads like an address of somebody else.
  const isOfAddress = [parts].flat().join() === 'ip'
  const text = isOfAddress ? key : addressInPlace(key)
  if (text === null) return null
  if (isIPv4(text)) return text
  // `%` begins a zone.
  if (!isIPv6(text) || text.includes('%')) return null
  if (TRANSLATED.test(text)) return text
  return isPrefix(ipv6Prefix) ? `${text}/${ipv6Prefix}` : null
}

/** A command of nft that bans a network for a time. */
export function addElement(sets: NftSets, network: string, ms: number): string {
  const seconds = Math.min(SECONDS_MAX, Math.max(1, Math.ceil(ms / 1000)))
  return `add element inet ${sets.table} ${setOf(sets, network)} { ${network} timeout ${seconds}s }`
}

/** A command of nft that ends that. */
export function deleteElement(sets: NftSets, network: string): string {
  return `delete element inet ${sets.table} ${setOf(sets, network)} { ${network} }`
}

/** The address by which a request is counted that lacks what its policy is keyed by. */
function addressInPlace(key: string): string | null {
  return key.startsWith('~i') ? key.slice(2) : null
}

function setOf({ ipv4, ipv6 }: NftSets, network: string): string {
  return network.includes(':') ? ipv6 : ipv4
}

function isPrefix(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 32 && value <= 128
}

/** What nft takes for a name without quotes; one more character is ours. */
function identifier(text: string, flag: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]{0,29}$/.test(text)) return text
  throw wrongUsage(`${JSON.stringify(text)} is no name of nft; give ${flag} up to 30 letters, digits and _`)
}
