/** RFC 9113, sections 4 and 6: sizes of frames, and what each type may hold. */
import {
  ACK,
  block,
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  FRAME,
  frame,
  frameHead,
  goaway,
  headers,
  PADDED,
  PRIORITY,
  ping,
  post,
  priority,
  request,
  rstStream,
  SETTING,
  settings,
  uint32,
  windowUpdate,
} from './octets.ts'
import type { Probe } from './probe.ts'

const WHOLE = END_HEADERS | END_STREAM
const [FRAME_BYTES_MAX, WINDOW_MAX] = [16_384, 2 ** 31 - 1]
/** A request whose body is to come, and one that is never answered. */
const open = headers(1, post(), END_HEADERS)
const held = headers(1, request([':path', '/never']))
/** The type that nobody knows. */
const UNKNOWN = 0xbe

// biome-ignore format: one line a case
const formats: readonly Probe[] = [
  ['4.1', 'a frame of a type that nobody knows is ignored', [frame(UNKNOWN, 0xff, 0, 'abcd')], ''],
  ['4.1', 'on a stream too', [open, frame(UNKNOWN, 0, 1, 'abcd'), data(1, '', END_STREAM)], '200 on 1'],
  ['4.1', 'flags that a type has not are ignored', [frame(FRAME.PING, 0xfe, 0, '0123456789abcdef')], 'PONG'],
  ['4.1', 'so are those of HEADERS', [headers(1, request(), WHOLE | 0xd2)], '200 on 1'],
  ['4.1', 'so is the reserved bit', [frame(FRAME.HEADERS, WHOLE, 2 ** 31 + 1, request())], '200 on 1'],
]

// biome-ignore format: one line a case
const sizes: readonly Probe[] = [
  ['4.2', 'DATA may have the largest size', [open, data(1, Buffer.alloc(FRAME_BYTES_MAX), 1)], '200 on 1'],
  ['4.2', 'DATA may not exceed it', [open, data(1, Buffer.alloc(FRAME_BYTES_MAX + 1), 1)], 'GOAWAY FRAME_SIZE_ERROR'],
  ['4.2', 'nor HEADERS', [headers(1, Buffer.alloc(FRAME_BYTES_MAX + 1))], 'GOAWAY FRAME_SIZE_ERROR'],
  ['4.2', 'nor what nobody knows', [frame(UNKNOWN, 0, 0, Buffer.alloc(FRAME_BYTES_MAX + 1))], 'GOAWAY FRAME_SIZE_ERROR'],
  ['4.2', 'its head alone says so', [open, frameHead(FRAME.DATA, 0, 1, 0xffffff)], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.3', 'PRIORITY has 5 octets', [open, frame(FRAME.PRIORITY, 0, 1, '00000000')], 'RST_STREAM 1 FRAME_SIZE_ERROR'],
  ['6.4', 'RST_STREAM has 4 octets', [open, frame(FRAME.RST_STREAM, 0, 1, '000000')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.4', 'and no more', [open, frame(FRAME.RST_STREAM, 0, 1, '0000000000')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.5', 'SETTINGS have 6 octets each', [frame(FRAME.SETTINGS, 0, 0, '0003000000')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.5', 'acknowledged settings have none', [frame(FRAME.SETTINGS, ACK, 0, '000300000064')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.7', 'PING has 8 octets', [frame(FRAME.PING, 0, 0, '00000000000000')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.7', 'and no more', [frame(FRAME.PING, 0, 0, '000000000000000000')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.8', 'GOAWAY has at least 8 octets', [frame(FRAME.GOAWAY, 0, 0, '00000000000000')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.9', 'WINDOW_UPDATE has 4 octets', [frame(FRAME.WINDOW_UPDATE, 0, 0, '000001')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.9', 'on a stream too', [open, frame(FRAME.WINDOW_UPDATE, 0, 1, '0000000001')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.2', 'HEADERS have room for their priority', [frame(FRAME.HEADERS, WHOLE | PRIORITY, 1, '00000000')], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.2', 'and for the length of their padding', [frame(FRAME.HEADERS, WHOLE | PADDED, 1)], 'GOAWAY FRAME_SIZE_ERROR'],
  ['6.1', 'so has DATA', [open, frame(FRAME.DATA, PADDED, 1)], 'GOAWAY FRAME_SIZE_ERROR'],
]

// biome-ignore format: one line a case
const onZero: readonly Probe[] = [
  ['6.1', 'DATA belongs to a stream', [data(0, '00')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.2', 'so do HEADERS', [headers(0, request())], 'GOAWAY PROTOCOL_ERROR'],
  ['6.3', 'so does PRIORITY', [priority(0, 1)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.4', 'so does RST_STREAM', [rstStream(0)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.5', 'SETTINGS belong to the connection', [frame(FRAME.SETTINGS, 0, 1)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.7', 'so does PING', [frame(FRAME.PING, 0, 1, '0000000000000000')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.8', 'so does GOAWAY', [frame(FRAME.GOAWAY, 0, 1, '0000000000000000')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'CONTINUATION belongs to a stream', [continuation(0, request())], 'GOAWAY PROTOCOL_ERROR'],
]

// biome-ignore format: one line a case
const padding: readonly Probe[] = [
  ['6.1', 'padding of DATA is left out', [open, data(1, '02 aa 0000', PADDED | END_STREAM)], '200 on 1'],
  ['6.1', 'it may be all there is', [open, data(1, '02 0000', PADDED | END_STREAM)], '200 on 1'],
  ['6.1', 'it may be of no length', [open, data(1, '00 aa', PADDED | END_STREAM)], '200 on 1'],
  ['6.1', 'it may not be as long as the payload', [open, data(1, '03 0000', PADDED)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.1', 'nor longer', [open, data(1, 'ff 0000', PADDED)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.2', 'padding of HEADERS is left out', [headers(1, padded(request(), 3), WHOLE | PADDED)], '200 on 1'],
  ['6.2', 'behind a priority too', [headers(1, padded(prioritized(request()), 3), WHOLE | PADDED | PRIORITY)], '200 on 1'],
  ['6.2', 'it may not be as long as the payload', [headers(1, '04 82 86 84', WHOLE | PADDED)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.2', 'nor reach into the priority', [headers(1, '01 00000000 00', WHOLE | PADDED | PRIORITY)], 'GOAWAY PROTOCOL_ERROR'],
]

// biome-ignore format: one line a case
const priorities: readonly Probe[] = [
  ['5.3', 'priorities of requests are ignored', [headers(1, prioritized(request()), WHOLE | PRIORITY)], '200 on 1'],
  ['5.3', 'they may name any stream', [headers(1, prioritized(request(), 2 ** 31 + 99), WHOLE | PRIORITY)], '200 on 1'],
  ['5.3', 'but not the stream itself', [headers(1, prioritized(request(), 1), WHOLE | PRIORITY)], 'RST_STREAM 1 PROTOCOL_ERROR'],
  ['6.3', 'PRIORITY is ignored', [priority(5, 3), priority(2, 0), held, priority(1, 7)], ''],
  ['6.3', 'it may not name its own stream', [open, priority(1, 1)], 'RST_STREAM 1 PROTOCOL_ERROR'],
]

// biome-ignore format: one line a case
const settingsOf: readonly Probe[] = [
  ['6.5.2', 'settings that nobody knows are ignored', [settings([0x7e7e, 1], [0, 2 ** 32 - 1])], ''],
  ['6.5.2', 'ENABLE_PUSH is 0 or 1', [settings([SETTING.ENABLE_PUSH, 2])], 'GOAWAY PROTOCOL_ERROR'],
  ['6.5.2', 'INITIAL_WINDOW_SIZE has 31 bits', [settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31])], 'GOAWAY FLOW_CONTROL_ERROR'],
  ['6.5.2', 'and may use them all', [settings([SETTING.INITIAL_WINDOW_SIZE, WINDOW_MAX])], ''],
  ['6.5.2', 'MAX_FRAME_SIZE is 2^14 at least', [settings([SETTING.MAX_FRAME_SIZE, FRAME_BYTES_MAX - 1])], 'GOAWAY PROTOCOL_ERROR'],
  ['6.5.2', 'and less than 2^24', [settings([SETTING.MAX_FRAME_SIZE, 2 ** 24])], 'GOAWAY PROTOCOL_ERROR'],
  ['6.5.2', 'which is allowed', [settings([SETTING.MAX_FRAME_SIZE, 2 ** 24 - 1])], ''],
  ['6.5.2', 'other settings have any value', [settings([1, 2 ** 32 - 1], [3, 0], [6, 0], [1, 0])], ''],
  ['6.5.3', 'an acknowledgement too many is ignored', [frame(FRAME.SETTINGS, ACK, 0)], ''],
]

// biome-ignore format: one line a case
const others: readonly Probe[] = [
  ['6.4', 'RST_STREAM may have any code', [held, rstStream(1, 0xdeadbeef)], ''],
  ['6.6', 'clients promise nothing', [open, frame(FRAME.PUSH_PROMISE, END_HEADERS, 1, Buffer.concat([uint32(2), request()]))], 'GOAWAY PROTOCOL_ERROR'],
  ['6.7', 'a PING is answered', [ping('wie geht')], 'PONG'],
  ['6.7', 'an answer to none is ignored', [ping('wie geht', ACK)], ''],
  ['6.8', 'after GOAWAY of a client its requests are answered', [open, goaway(0), data(1, '', END_STREAM)], '200 on 1'],
]

// biome-ignore format: one line a case
const windows: readonly Probe[] = [
  ['6.9', 'a connection window grows by more than nothing', [windowUpdate(0, 0)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.9', 'so does that of a stream', [open, windowUpdate(1, 0)], 'RST_STREAM 1 PROTOCOL_ERROR'],
  ['6.9', 'the reserved bit is ignored', [held, windowUpdate(0, 2 ** 31 + 1), windowUpdate(1, 2 ** 31 + 1)], ''],
  ['6.9.1', 'a connection window has 31 bits', [windowUpdate(0, WINDOW_MAX)], 'GOAWAY FLOW_CONTROL_ERROR'],
  ['6.9.1', 'and may use them all', [windowUpdate(0, WINDOW_MAX - 65_535)], ''],
  ['6.9.1', 'that of a stream too', [held, windowUpdate(1, WINDOW_MAX)], 'RST_STREAM 1 FLOW_CONTROL_ERROR'],
  ['6.9.1', 'and may use them all', [held, windowUpdate(1, WINDOW_MAX - 65_535)], ''],
  ['6.9.2', 'settings may not open it further', [held, windowUpdate(1, WINDOW_MAX - 65_535), settings([4, 65_536])], 'GOAWAY FLOW_CONTROL_ERROR'],
]

const INCOMPLETE = headers(1, request(), END_STREAM)
// biome-ignore format: one line a case
const continuations: readonly Probe[] = [
  ['6.10', 'a block may go on, and on', [...inPieces(request(), 3)], '200 on 1'],
  ['6.10', 'by nothing too', [headers(1, '', END_STREAM), continuation(1, request(), 0), continuation(1, '')], '200 on 1'],
  ['6.10', 'and a body follows', [headers(1, post(), 0), continuation(1, block(['x', 'y'])), data(1, '00', END_STREAM)], '200 on 1'],
  ['6.10', 'it may not be interrupted by DATA', [INCOMPLETE, data(1, '')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor by HEADERS', [INCOMPLETE, headers(1, request())], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor by those of another stream', [INCOMPLETE, headers(3, request())], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor by PING', [INCOMPLETE, ping()], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor by PRIORITY', [INCOMPLETE, priority(1, 0)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor by RST_STREAM', [INCOMPLETE, rstStream(1)], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor by settings', [INCOMPLETE, settings()], 'GOAWAY PROTOCOL_ERROR'],
  ['5.5', 'nor by what nobody knows', [INCOMPLETE, frame(UNKNOWN, 0, 1, '00')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor go on at another stream', [INCOMPLETE, continuation(3, '')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nothing goes on without a beginning', [open, continuation(1, '')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor behind DATA', [open, data(1, '00'), continuation(1, '')], 'GOAWAY PROTOCOL_ERROR'],
  ['6.10', 'nor after its end', [INCOMPLETE, continuation(1, ''), continuation(1, '')], '200 on 1, GOAWAY PROTOCOL_ERROR'],
]

export const frameProbes: readonly Probe[] = [
  ...formats,
  ...sizes,
  ...onZero,
  ...padding,
  ...priorities,
  ...settingsOf,
  ...others,
  ...windows,
  ...continuations,
]

function padded(payload: Buffer, bytes: number): Buffer {
  return Buffer.concat([Buffer.from([bytes]), payload, Buffer.alloc(bytes)])
}

function prioritized(payload: Buffer, parent = 0): Buffer {
  return Buffer.concat([uint32(parent), Buffer.from([15]), payload])
}

/** The block of a request without a body, octets at a time. */
function inPieces(payload: Buffer, bytes: number): Buffer[] {
  const frames = [headers(1, payload.subarray(0, bytes), END_STREAM)]
  for (let at = bytes; at < payload.length; at += 20) {
    const isLast = at + 20 >= payload.length
    frames.push(continuation(1, payload.subarray(at, at + 20), isLast ? END_HEADERS : 0))
  }
  return frames
}
