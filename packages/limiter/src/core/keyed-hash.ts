/**
 * SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) in plain TypeScript: Web Crypto has it as a promise only, and `node:crypto` is not
 * everywhere. See docs/decisions/0033-partition-keys.md.
 */

import { utf8 } from './utf8.ts'

const BLOCK_BYTES = 64
const WORDS = 16
const ROUNDS = 64
/** Bytes of a hash. */
const HASH_BYTES = 32

/** Fractional parts of the cube roots of the first 64 primes, 32 bits each; and of the square roots of the first 8. */
const K = new Int32Array(ROUNDS)
const START = new Int32Array(8)
fillConstants()

const encoder = new TextEncoder()
const schedule = new Int32Array(ROUNDS)
/** Of the message at work: hashing one must not allocate, since it is done for every request. */
const state = new Int32Array(8)
const digest = new Uint8Array(HASH_BYTES)
/** The last bytes of a message, with its padding: at most two blocks. */
const tail = new Uint8Array(2 * BLOCK_BYTES)

/** A function that hashes bytes, or a text as {@link utf8} writes it, under a secret to 32 bytes. */
export function keyedHash(secret: string | Uint8Array): (message: string | Uint8Array) => Uint8Array {
  const given = typeof secret === 'string' ? encoder.encode(secret) : secret
  const key = given.length > BLOCK_BYTES ? hashed(START, given, 0).slice() : given
  const inner = padState(key, 0x36)
  const outer = padState(key, 0x5c)
  return (message) => {
    hashed(inner, typeof message === 'string' ? utf8(message) : message, BLOCK_BYTES)
    return hashed(outer, digest, BLOCK_BYTES).slice()
  }
}

/** SHA-256 of a text as UTF-8: 32 bytes. */
export function sha256(text: string): Uint8Array {
  return hashed(START, encoder.encode(text), 0).slice()
}

function padState(key: Uint8Array, byte: number): Int32Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(byte)
  key.forEach((value, i) => {
    block[i] = value ^ byte
  })
  state.set(START)
  compress(block, 0)
  return state.slice()
}

/** Writes `digest` and returns it: of a message of which `before` bytes are in the state `from` already, and these are the rest. */
function hashed(from: Int32Array, bytes: Uint8Array, before: number): Uint8Array {
  state.set(from)
  const { length } = bytes
  const whole = length - (length % BLOCK_BYTES)
  for (let offset = 0; offset < whole; offset += BLOCK_BYTES) compress(bytes, offset)
  const rest = length - whole
  const end = rest + 9 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES
  for (let i = 0; i < rest; i++) tail[i] = bytes[whole + i] as number
  tail[rest] = 0x80
  tail.fill(0, rest + 1, end - 8)
  const bits = (before + length) * 8
  writeWord(tail, end - 8, bits / 2 ** 32)
  writeWord(tail, end - 4, bits)
  compress(tail, 0)
  if (end > BLOCK_BYTES) compress(tail, BLOCK_BYTES)
  for (let i = 0; i < state.length; i++) writeWord(digest, i * 4, state[i] as number)
  return digest
}

/** Takes one block into `state`. */
function compress(bytes: Uint8Array, offset: number): void {
  const w = schedule
  for (let i = 0, at = offset; i < WORDS; i++, at += 4) {
    w[i] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)
  }
  for (let i = WORDS; i < ROUNDS; i++) {
    const x = w[i - 15] as number
    const y = w[i - 2] as number
    const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[i] = ((w[i - 16] as number) + small0 + (w[i - 7] as number) + small1) | 0
  }
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let i = 0; i < ROUNDS; i++) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + big1 + ((e & f) ^ (~e & g)) + (K[i] as number) + (w[i] as number)) | 0
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  // Typed arrays cut a sum to 32 bits.
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
  state[4] = (state[4] as number) + e
  state[5] = (state[5] as number) + f
  state[6] = (state[6] as number) + g
  state[7] = (state[7] as number) + h
}

function rotate(x: number, bits: number): number {
  return (x >>> bits) | (x << (32 - bits))
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24
  bytes[at + 1] = word >>> 16
  bytes[at + 2] = word >>> 8
  bytes[at + 3] = word
}

function fillConstants(): void {
  const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0
  let found = 0
  for (let n = 2; found < ROUNDS; n++) {
    let divisor = 2
    while (divisor * divisor <= n && n % divisor !== 0) divisor++
    if (divisor * divisor <= n) continue
    if (found < START.length) START[found] = fraction(Math.sqrt(n))
    K[found++] = fraction(Math.cbrt(n))
  }
}
