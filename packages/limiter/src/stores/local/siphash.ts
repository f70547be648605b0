/** Seed of the hash: two random 32-bit numbers. */
export interface Seed {
  readonly k0: number
  readonly k1: number
}

/** The two halves of the last fingerprint; an object would have to be allocated for every key. */
export const fingerprint: { low: number; high: number } = { low: 0, high: 0 }

/**
 * HalfSipHash-1-3 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF"), on UTF-16 units
 * so that every string, including lone surrogates, is hashed as it is. Keyed, so that nobody outside can choose keys
 * that collide. Writes `fingerprint`. The round is inlined twice: as a function it would return four numbers.
 */
export function hash(text: string, seed: Seed): void {
  const length = text.length
  let v0 = seed.k0
  let v1 = seed.k1 ^ 0xee
  let v2 = 0x6c796765 ^ seed.k0
  let v3 = 0x74656462 ^ seed.k1
  for (let i = 0; i <= length; i += 2) {
    // The last word includes the length, so that a string and its zero-padded form differ.
    const word =
      i + 1 < length
        ? text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)
        : (i < length ? text.charCodeAt(i) : 0) ^ (length << 16)
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
  }
  v2 ^= 0xee
  for (let round = 0; round < 3; round++) {
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
  }
  fingerprint.low = (v1 ^ v3) | 0
  fingerprint.high = (v0 ^ v2) | 0
}

/** Overflow records that the new keys of a policy share. */
const OVERFLOW_RECORDS = 1024

/** One half of the fingerprint of the overflow record of a new key, chosen by one half of its own. */
export function overflowLow(low: number): number {
  return Math.imul((low >>> 8) % OVERFLOW_RECORDS, 0x9e3779b1) | 0
}

/** The other half, which is the same for all keys of a policy. */
export function overflowHigh(seed: Seed): number {
  return seed.k0 ^ seed.k1
}

/** A seed that nobody can guess. */
export function randomSeed(): Seed {
  const [k0 = 0, k1 = 0] = crypto.getRandomValues(new Int32Array(2))
  return { k0, k1 }
}

/** The seed of one policy, so that two of them have different fingerprints of one key. */
export function seedOfPolicy(policy: string, seed: Seed): Seed {
  hash(policy, seed)
  return { k0: fingerprint.low, k1: fingerprint.high }
}
