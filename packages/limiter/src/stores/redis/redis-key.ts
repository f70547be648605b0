import { createHash } from 'node:crypto'

/** Longest identity kept readable in a key, in bytes; longer ones are hashed. */
const READABLE_BYTES = 128

/**
 * The Redis key of an identity under a policy: `prefix:{policy:identity}`. The braces make all keys of one identity
 * and policy share a slot; an identity cannot hold a brace, so it cannot choose another slot (G11). Identities above
 * 128 bytes become `#` and 256 bits of SHA-256: two of n of them meet with a probability below n²/2^257.
 */
export function redisKey(prefix: string, policy: string, identity: string): string {
  return `${prefix}:{${policy}:${written(identity)}}`
}

/** Keys of one store. */
export interface RedisKeys {
  /** The key of an identity under a policy. */
  of(policy: string, identity: string): string
  /** The mark that a spend of an identity was taken back; no identity's key, of its slot. */
  mark(policy: string, identity: string, id: string): string
  /** A key of the store's own, which no policy can have. */
  own(name: string): string
}

/** Keys where all of a decision may lie anywhere: one server. */
export function singleKeys(prefix: string): RedisKeys {
  return {
    of: (policy, identity) => redisKey(prefix, policy, identity),
    // Behind the brace, where no key of an identity has anything.
    mark: (policy, identity, id) => `${redisKey(prefix, policy, identity)}~r:${id}`,
    own: (name) => `${prefix}:{~${name}}`,
  }
}

/** Keys of one shard of a Cluster, all of one slot: `prefix:{tag}:policy:identity`. */
export function shardKeys(prefix: string, tag: string): RedisKeys {
  const begin = `${prefix}:{${tag}}:`
  return {
    of: (policy, identity) => `${begin}${policy}:${written(identity)}`,
    // No name of a policy begins with the tilde.
    mark: (policy, identity, id) => `${begin}~r:${id}:${policy}:${written(identity)}`,
    own: (name) => `${begin}~${name}`,
  }
}

function written(identity: string): string {
  const text = needsEscape(identity) ? escaped(identity) : identity
  if (text.length * 3 <= READABLE_BYTES || Buffer.byteLength(text) <= READABLE_BYTES) return text
  return `#${createHash('sha256').update(text).digest('base64url')}`
}

function needsEscape(text: string): boolean {
  return /[%{}]|^#/.test(text) || !text.isWellFormed()
}

/** Escapes what would end the hash tag, what would look hashed, and halves of surrogate pairs, which UTF-8 lacks. */
function escaped(text: string): string {
  const marked = text.replace(/[%{}]|^#/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  if (marked.isWellFormed()) return marked
  return Array.from(marked, (char) =>
    char.isWellFormed() ? char : `%u${char.charCodeAt(0).toString(16)}`,
  ).join('')
}
