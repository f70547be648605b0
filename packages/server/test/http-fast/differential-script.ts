/** A sequence of requests, and the ways in which its octets are put to a server. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import { DEEDS } from './differential-app.ts'
import type { Piece, Script } from './differential-exchange.ts'
import { frames } from './differential-frames.ts'
import { type Generated, generate } from './differential-requests.ts'

const REQUESTS_MAX = 5
/** From here on the fast path may say that there were too many pieces for one request. */
const PIECES_MAX = 60

export interface Case {
  readonly requests: readonly Generated[]
  /** Its octets, a request each. */
  readonly frames: readonly Buffer[]
  readonly script: Script
  /** How many requests have to be answered on the fast path, and how many may be. */
  readonly fast: { readonly min: number; readonly max: number }
}

export function caseOf(random: Random): Case {
  const requests = Array.from({ length: random.between(1, REQUESTS_MAX) }, () => generate(random))
  const script = { pieces: piecesOf(requests, random), endsEarly: random.percent(15) }
  return { requests, frames: frames(requests), script, fast: rangeOf(requests, script) }
}

/** Each at once, and the next when everything is answered. */
export function oneByOne(frames: readonly Buffer[]): Script {
  return { pieces: frames.map((octets) => ({ octets, pause: 'quiet' })), endsEarly: false }
}

/** The same way of putting it without its first octets. */
export function without({ pieces, endsEarly }: Script, count: number): Script {
  let left = count
  const rest = pieces.flatMap(({ octets, pause }): Piece[] => {
    const behind = octets.subarray(left)
    left = Math.max(0, left - octets.length)
    return behind.length === 0 ? [] : [{ octets: behind, pause }]
  })
  return { pieces: rest, endsEarly }
}

/** The same octets at once. */
export function atOnce({ pieces, endsEarly }: Script): Script {
  return { pieces: [{ octets: Buffer.concat(pieces.map(({ octets }) => octets)), pause: 0 }], endsEarly }
}

function piecesOf(requests: readonly Generated[], random: Random): Piece[] {
  const octets = Buffer.concat(requests.map((request) => request.octets))
  const kind = random.below(20)
  if (kind === 0 && octets.length < 3000) return cut(octets, range(1, octets.length), () => random.below(2))
  // Between pieces exactly at ends of requests it shows what waits for what.
  if (kind <= 5) return cut(octets, endsOf(requests), () => random.pick([0, 1, 2, 3, 'quiet']))
  if (kind <= 8) return [{ octets, pause: 0 }]
  const cuts = Array.from({ length: random.between(1, 6) }, () => random.below(octets.length + 1))
  return cut(octets, cuts, () => random.pick([0, 1, 1, 2, 4, 'quiet']))
}

function cut(octets: Buffer, places: readonly number[], pauseOf: () => Piece['pause']): Piece[] {
  const at = [...new Set([...places, octets.length])].sort((a, b) => a - b)
  return at
    .map((end, i) => ({ octets: octets.subarray(at[i - 1] ?? 0, end), pause: pauseOf() }))
    .filter((piece) => piece.octets.length > 0)
}

function endsOf(requests: readonly Generated[]): number[] {
  let end = 0
  return requests.map(({ octets }) => (end += octets.length))
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}

function rangeOf(requests: readonly Generated[], { pieces }: Script): Case['fast'] {
  const usual = requests.findIndex(({ expected }) => expected !== 'fast')
  const leaving = requests.findIndex(({ deed }) => deed === DEEDS.leave)
  const foreign = requests.findIndex(({ expected }) => expected === 'foreign')
  const vague = requests.findIndex(({ expected }) => expected === 'either')
  const first = usual === -1 ? requests.length : usual
  const min = leaving === -1 || leaving >= first ? first : leaving + 1
  const isClear = vague === -1 || (foreign !== -1 && foreign < vague)
  return {
    min: pieces.length > PIECES_MAX ? 0 : min,
    max: isClear ? (foreign === -1 ? requests.length : foreign) : Number.POSITIVE_INFINITY,
  }
}
