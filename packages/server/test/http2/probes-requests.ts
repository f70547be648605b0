/** RFC 9113, section 8: which requests are malformed. Those are reset, and all others are answered as before. */
import { block, data, END_HEADERS, END_STREAM, type Field, headers, post, request } from './octets.ts'
import type { Probe } from './probe.ts'

const WHOLE = END_HEADERS | END_STREAM
const MALFORMED = 'RST_STREAM 1 PROTOCOL_ERROR'
const open = headers(1, post(), END_HEADERS)

/** A request with these fields. */
function having(...fields: readonly Field[]): Buffer[] {
  return [headers(1, request(...fields))]
}

/** A request without one of the fields that it needs. */
function lacking(name: string): Buffer[] {
  const all: readonly Field[] = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'a'],
  ]
  return [headers(1, block(...all.filter(([one]) => one !== name)))]
}

function withBehind(...fields: readonly Field[]): Buffer[] {
  return [headers(1, Buffer.concat([request(), block(...fields)]))]
}

// biome-ignore format: one line a case
const order: readonly Probe[] = [
  ['8.1', 'trailers end a request', [open, data(1, '00'), headers(1, block(['x', 'y']))], '200 on 1'],
  ['8.1', 'they may be empty', [open, headers(1, '')], '200 on 1'],
  ['8.1', 'other HEADERS do not follow', [open, headers(1, block(['x', 'y']), END_HEADERS)], MALFORMED],
  ['8.1', 'trailers have no pseudo-fields', [open, headers(1, block([':path', '/']))], MALFORMED],
  ['8.2', 'nor names in upper case', [open, headers(1, block(['X', 'y']))], MALFORMED],
  ['8.2.2', 'nor fields of a connection', [open, headers(1, block(['connection', 'close']))], MALFORMED],
]

// biome-ignore format: one line a case
const lengths: readonly Probe[] = [
  ['8.1.1', 'a body has the length announced', [headers(1, post(['content-length', '2']), END_HEADERS), data(1, '0000', 1)], '200 on 1'],
  ['8.1.1', 'in parts too', [headers(1, post(['content-length', '3']), END_HEADERS), data(1, '0000'), data(1, '00', 1)], '200 on 1'],
  ['8.1.1', 'padding is none of it', [headers(1, post(['content-length', '1']), END_HEADERS), data(1, '02 aa 0000', 9)], '200 on 1'],
  ['8.1.1', 'it is not longer', [headers(1, post(['content-length', '1']), END_HEADERS), data(1, '0000', 1)], MALFORMED],
  ['8.1.1', 'which is seen before its end', [headers(1, post(['content-length', '1']), END_HEADERS), data(1, '0000')], MALFORMED],
  ['8.1.1', 'it is not shorter', [headers(1, post(['content-length', '3']), END_HEADERS), data(1, '0000', 1)], MALFORMED],
  ['8.1.1', 'nor ended by trailers', [headers(1, post(['content-length', '3']), END_HEADERS), data(1, '0000'), headers(1, '')], MALFORMED],
  ['8.1.1', 'nor missing', [headers(1, post(['content-length', '3']), WHOLE)], MALFORMED],
  ['8.1.1', 'a body of nothing is none', [headers(1, post(['content-length', '0']), WHOLE)], '200 on 1'],
  ['8.1.1', 'there are not two lengths', having(['content-length', '0'], ['content-length', '1']), MALFORMED],
  ['8.1.1', 'a length is a number', having(['content-length', 'x']), MALFORMED],
  ['8.1.1', 'without a sign', having(['content-length', '+0']), MALFORMED],
  ['8.1.1', 'and not nothing', having(['content-length', '']), MALFORMED],
]

// biome-ignore format: one line a case
const fields: readonly Probe[] = [
  ['8.2.1', 'names are in lower case', having(['X-a', 'b']), MALFORMED],
  ['8.2.1', 'and not empty', having(['', 'b']), MALFORMED],
  ['8.2.1', 'without blanks', having(['x y', 'b']), MALFORMED],
  ['8.2.1', 'or control characters', having(['x\t', 'b']), MALFORMED],
  ['8.2.1', 'or DEL', having(['x\x7f', 'b']), MALFORMED],
  ['8.2.1', 'or characters beyond ASCII', having(['x\xe9', 'b']), MALFORMED],
  ['8.2.1', 'or colons inside', having(['x:y', 'b']), MALFORMED],
  ['8.2.1', 'values have no NUL', having(['x', 'a\0b']), MALFORMED],
  ['8.2.1', 'nor CR', having(['x', 'a\rb']), MALFORMED],
  ['8.2.1', 'nor LF', having(['x', 'a\nb']), MALFORMED],
  ['8.2.1', 'nor a blank in front', having(['x', ' a']), MALFORMED],
  ['8.2.1', 'nor a tab behind', having(['x', 'a\t']), MALFORMED],
  ['8.2.1', 'but blanks inside, and any other octet', having(['x', 'a b\tc\x80\xff'], ['y', '']), '200 on 1'],
]

// biome-ignore format: one line a case
const ofConnection: readonly Probe[] = [
  ['8.2.2', 'there is no connection', having(['connection', 'close']), MALFORMED],
  ['8.2.2', 'no keep-alive', having(['keep-alive', '1']), MALFORMED],
  ['8.2.2', 'no proxy-connection', having(['proxy-connection', 'close']), MALFORMED],
  ['8.2.2', 'no transfer-encoding', having(['transfer-encoding', 'chunked']), MALFORMED],
  ['8.2.2', 'no upgrade', having(['upgrade', 'h2c']), MALFORMED],
  ['8.2.2', 'no te but that of trailers', having(['te', 'gzip']), MALFORMED],
  ['8.2.2', 'and of nothing beside them', having(['te', 'trailers, gzip']), MALFORMED],
  ['8.2.2', 'which is allowed', having(['te', 'trailers']), '200 on 1'],
  ['8.2.3', 'cookies may come in crumbs', having(['cookie', 'a=b'], ['cookie', 'c=d']), '200 on 1'],
]

// biome-ignore format: one line a case
const pseudo: readonly Probe[] = [
  ['8.3', 'pseudo-fields come first', withBehind(['x', 'y'], [':authority', 'a']), MALFORMED],
  ['8.3', 'none is unknown', withBehind([':x', 'y']), MALFORMED],
  ['8.3', 'none is of answers', withBehind([':status', '200']), MALFORMED],
  ['8.3', 'none comes twice: the method', withBehind([':method', 'GET']), MALFORMED],
  ['8.3', 'the scheme', withBehind([':scheme', 'http']), MALFORMED],
  ['8.3', 'the path', withBehind([':path', '/']), MALFORMED],
  ['8.3', 'the authority', withBehind([':authority', 'a.example']), MALFORMED],
  ['8.3.1', 'there is a method', lacking(':method'), MALFORMED],
  ['8.3.1', 'a scheme', lacking(':scheme'), MALFORMED],
  ['8.3.1', 'a path', lacking(':path'), MALFORMED],
  ['8.3.1', 'which is not empty', having([':path', '']), MALFORMED],
  ['8.3.1', 'but an authority need not be', lacking(':authority'), '200 on 1'],
  ['8.3.1', 'the host stands for it', [headers(1, block([':method', 'GET'], [':scheme', 'http'], [':path', '/'], ['host', 'a']))], '200 on 1'],
  ['8.3.1', 'and is the same', having(['host', 'a.example']), '200 on 1'],
  ['8.3.1', 'not another', having(['host', 'b.example']), MALFORMED],
  ['8.3.1', 'OPTIONS may be of all there is', having([':method', 'OPTIONS'], [':path', '*']), '200 on 1'],
  ['4.3', 'nothing is no request', [headers(1, '')], MALFORMED],
]

// biome-ignore format: one line a case
const connect: readonly Probe[] = [
  ['8.5', 'CONNECT has no path', [headers(1, block([':method', 'CONNECT'], [':authority', 'a:1'], [':path', '/']))], MALFORMED],
  ['8.5', 'and no scheme', [headers(1, block([':method', 'CONNECT'], [':authority', 'a:1'], [':scheme', 'http']))], MALFORMED],
  ['8.5', 'but an authority', [headers(1, block([':method', 'CONNECT']))], MALFORMED],
]

export const requestProbes: readonly Probe[] = [
  ...order,
  ...lengths,
  ...fields,
  ...ofConnection,
  ...pseudo,
  ...connect,
]
