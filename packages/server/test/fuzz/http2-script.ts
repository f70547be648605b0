/** What clients of HTTP/2 send, nearly right: scripts of frames in which some are changed, doubled, exchanged or left out. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import {
  ACK,
  block,
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  type Field,
  FRAME,
  frame,
  goaway,
  headers,
  keptBlock,
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

const PATHS = [
  '/',
  '/',
  '/early',
  '/never',
  '/large/3000',
  '/large/70000',
  '/parts/5000',
  '/hold/100',
  '/hold/0',
] as const
const VALUES = [
  0,
  1,
  2,
  100,
  4096,
  16_384,
  65_535,
  65_536,
  2 ** 24 - 1,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
] as const
const FIELDS: readonly Field[] = [
  ['x', 'y'],
  ['content-length', '0'],
  ['content-length', '3'],
  ['te', 'trailers'],
  ['connection', 'close'],
  ['cookie', 'a=b'],
  ['X', 'y'],
  ['x', 'é\n'],
  [':path', '/'],
  ['long', 'z'.repeat(5000)],
]
/** Blocks whose fields are of a table, changes of its size, and no blocks at all. */
const CODES = [
  '82 86 84',
  'be',
  'bf c0',
  '20',
  '3f e1 1f',
  '3f e2 1f',
  '80',
  'ff 80 80 01',
  '00 81 1f 81 1f',
  '40 81 1f 81 1f',
  '00 05 61',
] as const

/** A script, garbled or not. */
export function scriptOf(random: Random): Buffer {
  const opened = { last: -1 }
  const frames = Array.from({ length: random.between(1, 20) }, () => someFrames(opened, random)).flat()
  if (random.percent(40)) disorder(frames, random)
  const script = Buffer.concat([PREFACE, settings(...someSettings(random)), ...frames])
  return random.percent(30) ? garbledBytes(script, random) : script
}

/** The stream opened last: numbers have to grow. */
interface OpenedStreams {
  last: number
}

function someFrames(opened: OpenedStreams, random: Random): Buffer[] {
  const kind = random.below(14)
  if (kind < 4) {
    opened.last = Math.max(1, opened.last + (random.percent(95) ? 2 : random.below(4)))
    const frames = someRequest(opened.last, random)
    return kind === 3 ? [...frames, rstStream(opened.last, random.below(15))] : frames
  }
  const stream = random.percent(90) ? Math.max(1, opened.last - 2 * random.below(3)) : random.below(30)
  switch (kind) {
    case 4:
      return [data(stream, Buffer.alloc(random.pick([0, 1, 3, 1000, 16_384])), random.below(2))]
    case 5:
      return [data(stream, Buffer.alloc(random.pick([1, 4, 200]), random.below(6)), PADDED | random.below(2))]
    case 6:
      return [
        headers(stream, someBlock(random), random.percent(80) ? END_HEADERS | END_STREAM : random.below(256)),
      ]
    case 7:
      return [settings(...someSettings(random))]
    case 8:
      return [ping('abcdefgh', random.percent(80) ? 0 : random.below(256))]
    case 9:
      return [priority(stream, random.below(4))]
    case 10:
    case 11:
      return [
        windowUpdate(
          random.percent(50) ? 0 : stream,
          random.percent(70) ? random.below(70_000) : random.pick(VALUES) % 2 ** 32,
        ),
      ]
    case 12:
      return [goaway(random.below(4)), frame(FRAME.SETTINGS, ACK, 0)]
    default:
      return [
        frame(
          random.below(13),
          random.below(256),
          random.below(10),
          Buffer.alloc(random.below(20), random.below(256)),
        ),
      ]
  }
}

/** The head of a request, whole or in parts, and perhaps its body and its trailers. */
function someRequest(stream: number, random: Random): Buffer[] {
  const hasBody = random.percent(50)
  const head = Buffer.concat([
    random.percent(10) ? octets(random.pick(CODES)) : Buffer.alloc(0),
    request([':method', hasBody ? 'POST' : 'GET'], [':path', random.pick(PATHS)]),
    someBlock(random),
  ])
  const ends = hasBody ? 0 : END_STREAM
  const frames = random.percent(80)
    ? [headers(stream, head, END_HEADERS | ends)]
    : inParts(stream, head, ends)
  if (!hasBody) return frames
  const size = random.pick([0, 3, 3, 100, 10_000])
  if (random.percent(20))
    return [...frames, data(stream, Buffer.alloc(size)), headers(stream, block(['x', 'y']))]
  return [...frames, data(stream, Buffer.alloc(size), END_STREAM)]
}

function inParts(stream: number, head: Buffer, flags: number): Buffer[] {
  const at = Math.floor(head.length / 2)
  return [headers(stream, head.subarray(0, at), flags), continuation(stream, head.subarray(at))]
}

function someBlock(random: Random): Buffer {
  const parts = Array.from({ length: random.below(3) }, () => {
    if (random.percent(10)) return octets(random.pick(CODES))
    const field = random.percent(60) ? (FIELDS[0] as Field) : random.pick(FIELDS)
    return random.percent(50) ? block(field) : keptBlock(field)
  })
  return Buffer.concat(parts)
}

function someSettings(random: Random): (readonly [number, number])[] {
  return Array.from({ length: random.below(3) }, () => [
    random.percent(80) ? random.pick([1, 4, 4, 5, 6]) : random.below(20),
    random.percent(60) ? random.pick([4096, 16_384, 65_535, 100_000]) : random.pick(VALUES),
  ])
}

function disorder(frames: Buffer[], random: Random): void {
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    const at = random.below(frames.length)
    const one = frames[at] as Buffer
    const kind = random.below(4)
    if (kind === 0) frames.splice(at, 1)
    else if (kind === 1) frames.splice(random.below(frames.length), 0, one)
    else if (kind === 2) frames.push(...frames.splice(at, 1))
    else frames[at] = changed(one, random)
    if (frames.length === 0) return
  }
}

/** A frame whose head is another. */
function changed(one: Buffer, random: Random): Buffer {
  const copy = Buffer.from(one)
  const at = random.pick([2, 3, 4, 4, 8, 8])
  if (at < copy.length)
    copy[at] = random.percent(50) ? (copy[at] as number) ^ (1 << random.below(8)) : random.below(12)
  return copy
}
