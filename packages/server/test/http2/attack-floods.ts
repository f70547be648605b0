/** Floods: frames that make work and bring no request nearer to its end. Each has its bound, in frames. */
import {
  ACK,
  data,
  END_HEADERS,
  FRAME,
  frame,
  headers,
  PADDED,
  ping,
  post,
  priority,
  request,
  rstStream,
  SETTING,
  settings,
  windowUpdate,
} from './octets.ts'

export interface Flood {
  readonly name: string
  /** What is sent first. */
  readonly first?: readonly Buffer[]
  /** What is sent over and over; `stream` is a new one each time. */
  readonly step: (stream: number, count: number) => readonly Buffer[]
  /** The most steps until the client is sent away. */
  readonly stepsMax: number
}

const NEVER = [':path', '/never'] as const
const open = headers(1, post(NEVER), END_HEADERS)
const answered = headers(1, request())
const WINDOW_MAX = 2 ** 31 - 1
/** More than any client has. */
const LARGE_SETTINGS = settings(
  ...Array.from({ length: 20 }, (_, i) => [SETTING.INITIAL_WINDOW_SIZE, i] as const),
)

/** CVE-2023-44487, in both of its kinds: of requests that are half sent, and of whole ones. */
const resets: readonly Flood[] = [
  {
    name: 'rapid reset of half requests',
    step: (stream) => [headers(stream, post(NEVER), END_HEADERS), rstStream(stream)],
    stepsMax: 500,
  },
  {
    name: 'rapid reset of whole requests',
    step: (stream) => [headers(stream, request(NEVER)), rstStream(stream)],
    stepsMax: 500,
  },
  {
    name: 'rapid reset of requests on which work goes on',
    step: (stream) => [headers(stream, request([':path', '/busy'])), rstStream(stream)],
    stepsMax: 1300,
  },
]

/** CVE-2025-8671: frames that have the server reset a stream, whose work goes on. */
const madeResets: readonly Flood[] = [
  {
    name: 'MadeYouReset by a window that grows by nothing',
    step: (stream) => [headers(stream, request(NEVER)), windowUpdate(stream, 0)],
    stepsMax: 250,
  },
  {
    name: 'MadeYouReset by a window that grows too far',
    step: (stream) => [headers(stream, request(NEVER)), windowUpdate(stream, WINDOW_MAX)],
    stepsMax: 250,
  },
  {
    name: 'MadeYouReset by DATA behind the end',
    step: (stream) => [headers(stream, request(NEVER)), data(stream, '00')],
    stepsMax: 250,
  },
  {
    name: 'MadeYouReset by HEADERS behind the end',
    step: (stream) => [headers(stream, request(NEVER)), headers(stream, request())],
    stepsMax: 250,
  },
  {
    name: 'MadeYouReset by PRIORITY of 4 octets',
    step: (stream) => [headers(stream, request(NEVER)), frame(FRAME.PRIORITY, 0, stream, '00000000')],
    stepsMax: 250,
  },
  {
    name: 'MadeYouReset by a body that is too long',
    step: (stream) => [
      headers(stream, post(NEVER, ['content-length', '1']), END_HEADERS),
      data(stream, '0000'),
    ],
    stepsMax: 250,
  },
  {
    name: 'malformed requests',
    step: (stream) => [headers(stream, request(['connection', 'close']))],
    stepsMax: 250,
  },
  {
    name: 'streams beyond the most',
    first: Array.from({ length: 256 }, (_, i) => headers(1_000 + 2 * i + 1, request(NEVER))),
    step: (stream) => [headers(stream + 10_000, request(NEVER))],
    stepsMax: 1000,
  },
]

const idle: readonly Flood[] = [
  { name: 'SETTINGS', step: () => [settings()], stepsMax: 2000 },
  { name: 'large SETTINGS', step: () => [LARGE_SETTINGS], stepsMax: 72 },
  { name: 'acknowledged SETTINGS', step: () => [frame(FRAME.SETTINGS, ACK, 0)], stepsMax: 2000 },
  { name: 'PING', step: () => [ping()], stepsMax: 2000 },
  { name: 'answers to no PING', step: () => [ping('01234567', ACK)], stepsMax: 2000 },
  { name: 'PRIORITY', step: (stream) => [priority(stream, 0)], stepsMax: 2000 },
  { name: 'WINDOW_UPDATE of the connection', step: () => [windowUpdate(0, 1)], stepsMax: 2000 },
  { name: 'WINDOW_UPDATE of a stream', first: [open], step: () => [windowUpdate(1, 1)], stepsMax: 2000 },
  {
    name: 'WINDOW_UPDATE of a closed stream',
    first: [answered],
    step: () => [windowUpdate(1, 1)],
    stepsMax: 2000,
  },
  { name: 'empty DATA', first: [open], step: () => [data(1, '')], stepsMax: 2000 },
  {
    name: 'DATA of padding',
    first: [open],
    step: () => [data(1, Buffer.alloc(256, 255).fill(0, 1), PADDED)],
    stepsMax: 2000,
  },
  { name: 'frames that nobody knows', step: () => [frame(0xbe, 0, 0, '00')], stepsMax: 2000 },
  { name: 'GOAWAY', step: () => [frame(FRAME.GOAWAY, 0, 0, '0000000000000000')], stepsMax: 2000 },
  { name: 'RST_STREAM of a closed stream', first: [answered], step: () => [rstStream(1)], stepsMax: 2000 },
  {
    name: 'DATA of a stream that was reset',
    first: [headers(1, post(['connection', 'close']), END_HEADERS)],
    step: () => [data(1, '00')],
    stepsMax: 2000,
  },
]

const windows: readonly Flood[] = [
  {
    name: 'INITIAL_WINDOW_SIZE up and down',
    first: Array.from({ length: 50 }, (_, i) => headers(1 + 2 * i, request([':path', '/large/1000']))),
    step: (_, count) => [settings([SETTING.INITIAL_WINDOW_SIZE, count % 2])],
    stepsMax: 2000,
  },
  {
    name: 'a window opened octet by octet',
    first: [settings([SETTING.INITIAL_WINDOW_SIZE, 0]), headers(1, request([':path', '/large/100000']))],
    step: () => [windowUpdate(1, 1)],
    stepsMax: 3000,
  },
]

export const floods: readonly Flood[] = [...resets, ...madeResets, ...idle, ...windows]
