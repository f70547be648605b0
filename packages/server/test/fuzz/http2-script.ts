/** What clients of HTTP/2 send, right or nearly so: scripts of frames, of which some are changed, doubled, exchanged or left out. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import {
  ACK,
  block,
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  goaway,
  headers,
  octets,
  PADDED,
  PREFACE,
  ping,
  priority,
  request,
  rstStream,
  settings,
  windowUpdate,
} from '../http2/octets.ts'
import { garbledBytes } from './garbled-bytes.ts'
import { brokenBlock, oddSettings, someBlock, someSettings } from './http2-blocks.ts'

const PATHS = [
  '/',
  '/',
  '/early',
  '/never',
  '/large/3000',
  '/parts/5000',
  '/hold/100',
  '/hold/0',
  '/busy',
] as const
/** More than the window of a connection, at first. */
const LARGE = '/large/70000'
const INCREMENTS = [0, 2 ** 24 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1] as const

/** A script, garbled or not. */
export function scriptOf(random: Random): Buffer {
  const isWild = random.percent(30)
  const writer = new ScriptWriter(random, isWild)
  const frames = writer.frames(random.between(1, 20))
  if (isWild && random.percent(50)) disorder(frames, random)
  const script = Buffer.concat([PREFACE, settings(...someSettings(random)), ...frames])
  return random.percent(20) ? garbledBytes(script, random) : script
}

/** Requests whose frames come among each other's, and what clients say between them. */
class ScriptWriter {
  readonly #random: Random
  /** Whether it says what it must not. */
  readonly #isWild: boolean
  /** Of requests that have begun, what is left of them. */
  readonly #rests: Buffer[][] = []
  #last = -1

  constructor(random: Random, isWild: boolean) {
    this.#random = random
    this.#isWild = isWild
  }

  frames(steps: number): Buffer[] {
    const frames = Array.from({ length: steps }, () => this.#some()).flat()
    return [...frames, ...(this.#random.percent(70) ? this.#rests.flat() : [])]
  }

  #some(): readonly Buffer[] {
    const kind = this.#random.below(12)
    if (kind < 4) return this.#begin()
    if (kind < 8) return this.#goOn()
    if (kind < 11) return this.#between()
    return this.#isWild ? this.#odd() : this.#begin()
  }

  /** The head of a request, whole or in parts. */
  #begin(): readonly Buffer[] {
    const random = this.#random
    this.#last += random.percent(95) ? 2 : 4
    const hasBody = random.percent(50)
    const isBroken = this.#isWild && random.percent(5)
    const head = Buffer.concat([
      random.percent(10) ? octets(random.pick(['20', '3f e1 1f', '20 3f e1 1f'])) : Buffer.alloc(0),
      request(
        [':method', hasBody ? 'POST' : 'GET'],
        [':path', random.percent(1) ? LARGE : random.pick(PATHS)],
      ),
      isBroken ? brokenBlock(random) : someBlock(random),
    ])
    if (hasBody) this.#rests.push(this.#rest(this.#last))
    const flags = hasBody ? 0 : END_STREAM
    if (random.percent(80)) return [headers(this.#last, head, END_HEADERS | flags)]
    const at = random.below(head.length)
    return [headers(this.#last, head.subarray(0, at), flags), continuation(this.#last, head.subarray(at))]
  }

  /** A body in parts, and its end. */
  #rest(stream: number): Buffer[] {
    const random = this.#random
    const parts = Array.from({ length: random.below(4) }, () => {
      const bytes = Buffer.alloc(random.pick(random.percent(5) ? [16_384] : [0, 1, 3, 100, 300, 1000]))
      const padding = random.below(Math.min(bytes.length, 255) + 1)
      return random.percent(20) && bytes.length > 0
        ? data(stream, bytes.fill(padding % bytes.length, 0, 1), PADDED)
        : data(stream, bytes)
    })
    const kind = random.below(10)
    if (kind === 0) return [...parts, rstStream(stream, random.below(15))]
    if (kind === 1) return [...parts, headers(stream, block(['x', 'y']))]
    return [...parts, data(stream, Buffer.alloc(random.pick([0, 3, 500])), END_STREAM)]
  }

  #goOn(): readonly Buffer[] {
    if (this.#rests.length === 0) return this.#begin()
    const at = this.#random.below(this.#rests.length)
    const rest = this.#rests[at] as Buffer[]
    const next = rest.shift()
    if (rest.length === 0) this.#rests.splice(at, 1)
    return next === undefined ? [] : [next]
  }

  /** What changes no request, or only how much of an answer may be sent. */
  #between(): readonly Buffer[] {
    const random = this.#random
    const stream = this.#known()
    switch (random.below(8)) {
      case 0:
        return [settings(...someSettings(random))]
      case 1:
        return [ping('abcdefgh'), frame(FRAME.SETTINGS, ACK, 0)]
      case 2:
        return [priority(stream, stream + random.between(1, 4))]
      case 3:
        return [
          frame(random.between(10, 255), random.below(256), random.below(9), Buffer.alloc(random.below(20))),
        ]
      case 4:
        return [goaway(random.below(4))]
      case 5:
        return stream === 0 ? [] : [rstStream(stream, random.below(15))]
      default:
        return [windowUpdate(random.percent(50) ? 0 : stream, random.between(1, 70_000))]
    }
  }

  /** What no client may say, mostly. */
  #odd(): readonly Buffer[] {
    const random = this.#random
    const stream = random.percent(80) ? this.#known() : random.below(30)
    switch (random.below(6)) {
      case 0:
        return [data(stream, Buffer.alloc(random.pick([0, 1, 16_384])), random.below(2))]
      case 1:
        return [
          data(stream, Buffer.alloc(random.pick([1, 4, 200]), random.below(6)), PADDED | random.below(2)),
        ]
      case 2:
        return [
          headers(
            stream,
            someBlock(random),
            random.percent(80) ? END_HEADERS | END_STREAM : random.below(256),
          ),
        ]
      case 3:
        return [settings(...oddSettings(random))]
      case 4:
        return [windowUpdate(random.percent(50) ? 0 : stream, random.pick(INCREMENTS))]
      default:
        return [
          frame(
            random.below(13),
            random.below(256),
            stream,
            Buffer.alloc(random.below(20), random.below(256)),
          ),
        ]
    }
  }

  /** A stream that was there lately, or 0 where none was. */
  #known(): number {
    return this.#last < 1 ? 0 : Math.max(1, this.#last - 2 * this.#random.below(3))
  }
}

function disorder(frames: Buffer[], random: Random): void {
  for (let changes = random.between(1, 3); changes > 0 && frames.length > 0; changes--) {
    const at = random.below(frames.length)
    const one = frames[at] as Buffer
    const kind = random.below(4)
    if (kind === 0) frames.splice(at, 1)
    else if (kind === 1) frames.splice(random.below(frames.length), 0, one)
    else if (kind === 2) frames.push(...frames.splice(at, 1))
    else frames[at] = changed(one, random)
  }
}

/** A frame whose head is another. */
function changed(one: Buffer, random: Random): Buffer {
  const copy = Buffer.from(one)
  const at = random.pick([2, 3, 4, 4, 8, 8])
  copy[at] = random.percent(50) ? (copy[at] as number) ^ (1 << random.below(8)) : random.below(12)
  return copy
}
