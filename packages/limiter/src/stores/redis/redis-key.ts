import { createHash } from 'node:crypto'

/** Longest identity kept readable in a key, in bytes; longer ones are hashed. */
const READABLE_BYTES = 128

/**
 * The Redis key of an identity under a policy: `prefix:{policy:identity}`. The braces make all keys of one identity
 * and policy share a slot; an identity cannot hold a brace, so it cannot choose another slot (G11). Identities above
 * 128 bytes become `#` and 256 bits of SHA-256: among n of them a collision has a probability below n²/2^257.
 */
export function redisKey(prefix: string, policy: string, identity: string): string {
  return `${prefix}:{${policy}:${encoded(identity)}}`
}

/** Keys of one store. */
export interface RedisKeys {
  /** The key of an identity under a policy. */
  of(policy: string, identity: string): string
  /** The key that records that a spend was refunded: in the slot of the identity, and no identity's own key. */
  refunded(policy: string, identity: string, id: string): string
  /** A key of the store itself, which no policy can have. */
  own(name: string): string
  /** Matches all of them, as `SCAN` matches. */
  readonly pattern: string
}

/** Keys on one server, where a decision may use any keys. */
export function singleKeys(prefix: string): RedisKeys {
  return {
    of: (policy, identity) => redisKey(prefix, policy, identity),
    // Keys of identities end with the brace.
    refunded: (policy, identity, id) => `${redisKey(prefix, policy, identity)}~r:${id}`,
    own: (name) => `${prefix}:{~${name}}`,
    pattern: `${prefix}:{*`,
  }
}

/** Keys of one shard of a Cluster, all in one slot: `prefix:{tag}:policy:identity`. */
export function shardKeys(prefix: string, tag: string): RedisKeys {
  const begin = `${prefix}:{${tag}}:`
  return {
    of: (policy, identity) => `${begin}${policy}:${encoded(identity)}`,
    // No policy name begins with a tilde.
    refunded: (policy, identity, id) => `${begin}~r:${id}:${policy}:${encoded(identity)}`,
    own: (name) => `${begin}~${name}`,
    pattern: `${begin}*`,
  }
}

function encoded(identity: string): string {
  const text = needsEscape(identity) ? escaped(identity) : identity
  if (text.length * 3 <= READABLE_BYTES || Buffer.byteLength(text) <= READABLE_BYTES) return text
  return `#${createHash('sha256').update(text).digest('base64url')}`
}

function needsEscape(text: string): boolean {
  return /[%{}]|^#/.test(text) || !text.isWellFormed()
}

/**
 * Escapes `%`, braces (they end the hash tag), a leading `#` (it means hashed) and lone surrogates (UTF-8 has none).
 */
function escaped(text: string): string {
  const printable = text.replace(/[%{}]|^#/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  if (printable.isWellFormed()) return printable
  return Array.from(printable, (char) =>
    char.isWellFormed() ? char : `%u${char.charCodeAt(0).toString(16)}`,
  ).join('')
}
