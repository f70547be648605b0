/**
 * SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104) in plain TypeScript: Web Crypto has it as a promise only, and `node:crypto` is not
 * everywhere. See docs/decisions/0033-partition-keys.md.
 */

const BLOCK_BYTES = 64
const WORDS = 16
const ROUNDS = 64

/** Fractional parts of the cube roots of the first 64 primes, 32 bits each; and of the square roots of the first 8. */
const K = new Int32Array(ROUNDS)
const START = new Int32Array(8)
fillConstants()

const encoder = new TextEncoder()
const schedule = new Int32Array(ROUNDS)

/** A function that hashes texts under a secret to 32 bytes. */
export function keyedHash(secret: string): (text: string) => Uint8Array {
  const given = encoder.encode(secret)
  const key = given.length > BLOCK_BYTES ? bytesOf(finish(START.slice(), given, 0)) : given
  const inner = padState(key, 0x36)
  const outer = padState(key, 0x5c)
  return (text) => {
    const digest = bytesOf(finish(inner.slice(), encoder.encode(text), BLOCK_BYTES))
    return bytesOf(finish(outer.slice(), digest, BLOCK_BYTES))
  }
}

/** SHA-256 of a text as UTF-8: 32 bytes. */
export function sha256(text: string): Uint8Array {
  return bytesOf(finish(START.slice(), encoder.encode(text), 0))
}

function padState(key: Uint8Array, byte: number): Int32Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(byte)
  key.forEach((value, i) => {
    block[i] = value ^ byte
  })
  const state = START.slice()
  compress(state, new DataView(block.buffer), 0)
  return state
}

/** Takes in the last bytes of a message, of which `before` bytes are in `state` already, and its length. */
function finish(state: Int32Array, bytes: Uint8Array, before: number): Int32Array {
  const blocks = Math.ceil((bytes.length + 9) / BLOCK_BYTES)
  const padded = new Uint8Array(blocks * BLOCK_BYTES)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  const bits = (before + bytes.length) * 8
  view.setUint32(padded.length - 8, bits / 2 ** 32)
  view.setUint32(padded.length - 4, bits)
  for (let offset = 0; offset < padded.length; offset += BLOCK_BYTES) compress(state, view, offset)
  return state
}

function compress(state: Int32Array, view: DataView, offset: number): void {
  const w = schedule
  const at = (i: number): number => state[i] as number
  for (let i = 0; i < WORDS; i++) w[i] = view.getInt32(offset + i * 4)
  for (let i = WORDS; i < ROUNDS; i++) {
    const x = w[i - 15] as number
    const y = w[i - 2] as number
    const small0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const small1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[i] = ((w[i - 16] as number) + small0 + (w[i - 7] as number) + small1) | 0
  }
  let [a, b, c, d, e, f, g, h] = [at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]
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
  state.set([at(0) + a, at(1) + b, at(2) + c, at(3) + d, at(4) + e, at(5) + f, at(6) + g, at(7) + h])
}

function rotate(x: number, bits: number): number {
  return (x >>> bits) | (x << (32 - bits))
}

function bytesOf(state: Int32Array): Uint8Array {
  const bytes = new Uint8Array(state.length * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < state.length; i++) view.setInt32(i * 4, state[i] as number)
  return bytes
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
