/** RFC 9113, section 5: what a stream takes in each of its states. */
import {
  CODE,
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  headers,
  post,
  priority,
  request,
  rstStream,
  windowUpdate,
} from './octets.ts'
import type { Probe } from './probe.ts'

const open = headers(1, post(), END_HEADERS)
/** Its client has said all; its answer is not there yet. */
const half = headers(1, request([':path', '/never']))
const answered = headers(1, request())
/** Answered before its client has said all. */
const early = headers(1, post([':path', '/early']), END_HEADERS)
const malformed = headers(1, post(['connection', 'close']), END_HEADERS)

// biome-ignore format: one line a case
const idle: readonly Probe[] = [
  ['5.1', 'an idle stream takes no DATA', [data(1, '00')], 'GOAWAY PROTOCOL_ERROR'],
  ['5.1', 'nor RST_STREAM', [rstStream(1)], 'GOAWAY PROTOCOL_ERROR'],
  ['5.1', 'nor WINDOW_UPDATE', [windowUpdate(1, 1)], 'GOAWAY PROTOCOL_ERROR'],
  ['5.1', 'nor CONTINUATION', [continuation(1, '')], 'GOAWAY PROTOCOL_ERROR'],
  ['5.1', 'but PRIORITY', [priority(1, 0)], ''],
]

// biome-ignore format: one line a case
const halfClosed: readonly Probe[] = [
  ['5.1', 'a stream that its client has ended takes no DATA', [half, data(1, '00')], 'RST_STREAM 1 STREAM_CLOSED'],
  ['5.1', 'nor HEADERS', [half, headers(1, request())], 'RST_STREAM 1 STREAM_CLOSED'],
  ['5.1', 'nor CONTINUATION', [half, continuation(1, '')], 'GOAWAY PROTOCOL_ERROR'],
  ['5.1', 'but WINDOW_UPDATE', [half, windowUpdate(1, 1)], ''],
  ['5.1', 'and PRIORITY', [half, priority(1, 0)], ''],
  ['5.1', 'and RST_STREAM', [half, rstStream(1)], ''],
  ['5.1', 'having ended by trailers it takes no DATA', [headers(1, post([':path', '/never']), END_HEADERS), headers(1, ''), data(1, '00')], 'RST_STREAM 1 STREAM_CLOSED'],
]

// biome-ignore format: one line a case
const closed: readonly Probe[] = [
  ['5.1', 'a stream that its client has reset takes no DATA', [open, rstStream(1), data(1, '00')], 'RST_STREAM 1 STREAM_CLOSED'],
  ['5.1', 'nor HEADERS', [open, rstStream(1), headers(1, request())], 'RST_STREAM 1 STREAM_CLOSED'],
  ['5.1', 'but PRIORITY', [open, rstStream(1), priority(1, 0)], ''],
  ['5.1', 'an answered stream takes no DATA', [answered, data(1, '00')], '200 on 1, GOAWAY STREAM_CLOSED'],
  ['5.1', 'nor HEADERS', [answered, headers(1, request())], '200 on 1, GOAWAY STREAM_CLOSED'],
  ['5.1', 'nor CONTINUATION', [answered, continuation(1, '')], '200 on 1, GOAWAY PROTOCOL_ERROR'],
  ['5.1', 'but WINDOW_UPDATE, which may have been on its way', [answered, windowUpdate(1, 1)], '200 on 1'],
  ['5.1', 'and RST_STREAM', [answered, rstStream(1, CODE.NO_ERROR)], '200 on 1'],
  ['5.1', 'and PRIORITY', [answered, priority(1, 0)], '200 on 1'],
  ['5.1', 'what follows a reset of ours is left out', [malformed, data(1, '00'), headers(1, '')], 'RST_STREAM 1 PROTOCOL_ERROR'],
  ['8.1', 'what follows an early answer is left out', [early, data(1, '00'), data(1, '', END_STREAM)], '200 on 1, RST_STREAM 1 NO_ERROR'],
]

// biome-ignore format: one line a case
const identifiers: readonly Probe[] = [
  ['5.1.1', 'clients open streams of odd numbers', [headers(2, request())], 'GOAWAY PROTOCOL_ERROR'],
  ['5.1.1', 'those of even numbers are idle', [data(2, '00')], 'GOAWAY PROTOCOL_ERROR'],
  ['5.1.1', 'and stay so', [headers(3, request()), windowUpdate(2, 1)], '200 on 3, GOAWAY PROTOCOL_ERROR'],
  ['5.1.1', 'numbers grow', [headers(5, request()), headers(3, request())], '200 on 5, GOAWAY PROTOCOL_ERROR'],
  ['5.1.1', 'what was passed over is none', [headers(5, request()), data(3, '00')], '200 on 5, GOAWAY PROTOCOL_ERROR'],
  ['5.1.1', 'numbers may be passed over', [headers(7, request()), headers(99, request())], '200 on 7, 200 on 99'],
]

export const streamProbes: readonly Probe[] = [...idle, ...halfClosed, ...closed, ...identifiers]
