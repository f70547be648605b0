import type { Random } from '../../../limiter/test/parity/random.ts'

/** So many bytes come one by one at most: more of them show nothing else. */
const SINGLE_MAX = 1000

/** In one piece, byte by byte, or cut anywhere. */
export function piecesOf(bytes: Buffer, random: Random): Buffer[] {
  const kind = random.below(10)
  if (kind < 3) return [bytes]
  if (kind === 3) {
    const single = Array.from(bytes.subarray(0, SINGLE_MAX), (byte) => Buffer.from([byte]))
    return bytes.length > SINGLE_MAX ? [...single, bytes.subarray(SINGLE_MAX)] : single
  }
  const cuts = Array.from({ length: random.between(1, 4) }, () => random.below(bytes.length + 1))
  const places = [0, ...cuts.sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((to, i) => bytes.subarray(places[i], to))
}
