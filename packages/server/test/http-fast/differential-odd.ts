/** Requests that are right and are not for the fast path, or need not be. */
import {
  type Change,
  type Draft,
  either,
  foreign,
  replacedField,
  textOfField,
  withFields,
  withoutField,
} from './differential-change.ts'

const METHODS = ['GET', 'PUT', 'OPTIONS', 'HEAD', 'DELETE', 'PATCH', 'QUERY', 'CONNECT', 'M-SEARCH']
const OTHER_TARGETS = [
  '/',
  '*',
  '/v1/consume?',
  '/v1/consume?status=201',
  '/v1/consume?status=200&a=b',
  '/v1/consume/',
  '/v1/consume#a',
  '//v1/consume',
  '/v1/%63onsume',
  '/V1/consume',
  '/v1/peeks',
  '/v1/charge',
  'http://a/v1/consume',
  'HTTP://a/v1/consume',
]

/** As a field line each. */
const FOREIGN_FIELDS = [
  'expect: 100-continue',
  'expect: 100-Continue ',
  'expect: a',
  'upgrade: websocket',
  'upgrade: h2c',
  'http2-settings: AAMAAABkAAQAAP__',
  'te: trailers',
  'trailer: x',
  'proxy-connection: keep-alive',
  'content-encoding: gzip',
  'content-encoding: identity',
  'connection: close',
  'connection: Close',
  'connection: keep-alive, close',
  'connection: upgrade',
  'connection: te',
  'connection:',
  'keep-alive: timeout=5',
]

export const ODD: readonly Change[] = [
  ...METHODS.map((method) => onLine(`the method ${method}`, (line) => line.replace('POST', method))),
  ...OTHER_TARGETS.map((target) =>
    onLine(`the target ${target}`, (line) => line.replace(/ \S+ /, ` ${target} `)),
  ),
  onLine('HTTP/1.0', (line) => line.replace('1.1', '1.0')),
  foreign('HTTP/1.0 that stays', (draft, random) =>
    withFields({ ...draft, line: draft.line.replace('1.1', '1.0') }, random, ['connection: keep-alive']),
  ),
  ...FOREIGN_FIELDS.map((field) => {
    const make = field.startsWith('keep-alive') || field === 'connection:' ? either : foreign
    return make(`the field ${field}`, (draft, random) =>
      withFields(withoutField(draft, 'connection'), random, [field]),
    )
  }),
  foreign('a body in chunks', (draft) => chunked(draft, ['transfer-encoding: chunked'], '')),
  foreign('a body in chunks with an extension', (draft) =>
    chunked(draft, ['Transfer-Encoding: Chunked'], ';a="b"'),
  ),
  foreign('a body in chunks with a trailer', (draft) => {
    const { body, ...head } = chunked(draft, ['transfer-encoding: chunked', 'trailer: x'], '')
    return { ...head, body: `${body.slice(0, -2)}x: y\r\n\r\n` }
  }),
  foreign('no type', (draft) => withoutField(draft, 'content-type')),
  foreign('two types', (draft, random) => withFields(draft, random, ['content-type: text/plain'])),
  foreign('the same type twice', (draft, random) =>
    withFields(draft, random, [`content-type: ${textOfField(draft, 'content-type')}`]),
  ),
  ...['text/plain', 'application/jsonx', 'application/json x', '', 'application/json, text/plain'].map(
    (type) =>
      foreign(`the type ${type}`, (draft) => replacedField(draft, 'content-type', [`content-type: ${type}`])),
  ),
  ...['Application/JSON', 'application/json;charset=latin1', 'application/json ; charset=UTF-8'].map((type) =>
    either(`the type ${type}`, (draft) => replacedField(draft, 'content-type', [`content-type: ${type}`])),
  ),
  either('no body', (draft) => ({
    ...replacedField(draft, 'content-length', ['content-length: 0']),
    body: '',
  })),
  foreign('no length and no body', (draft) => ({ ...withoutField(draft, 'content-length'), body: '' })),
  either('an empty line before it', (draft) => ({ ...draft, line: `\r\n${draft.line}` })),
  either('a coding by another name', (draft, random) =>
    withFields(draft, random, ['transfer_encoding: chunked']),
  ),
  either('a host of three parts', (draft) => replacedField(draft, 'host', ['host: a:b:c'])),
  foreign('obsolete text in a field', (draft, random) => withFields(draft, random, ['x-a: \x80\xff'])),
  either('fields twice', (draft, random) =>
    withFields(draft, random, ['x-a: 1', 'x-a: 2', 'cookie: c', 'cookie: d']),
  ),
  ...['authorization: a', 'traceparent: b', 'x-request-id: c', 'headgate-hash: ?0', 'tracestate: d=e'].map(
    (field) =>
      either(`twice ${field}`, (draft, random) => withFields(draft, random, [field, field.toUpperCase()])),
  ),
  ...[5_000, 9_000, 17_000, 100_000].map((size) => {
    const make = size > 8192 ? foreign : either
    return make(`a field of ${size} octets`, (draft, random) =>
      withFields(draft, random, [`x-long: ${'z'.repeat(size)}`]),
    )
  }),
  either('a hundred fields', (draft, random) =>
    withFields(
      draft,
      random,
      Array.from({ length: 100 }, (_, i) => `x-${i}: ${i}`),
    ),
  ),
  foreign('more fields than are taken', (draft, random) =>
    withFields(
      draft,
      random,
      Array.from({ length: 2_100 }, (_, i) => `x-${i}:`),
    ),
  ),
  ...[65_536, 65_537, 200_000].map((size) => {
    const make = size > 65_536 ? foreign : either
    return make(`a body of ${size} octets`, (draft) => withBody(draft, 'z'.repeat(size)))
  }),
]

function onLine(about: string, change: (line: string) => string): Change {
  return foreign(about, (draft) => ({ ...draft, line: change(draft.line) }))
}

function withBody(draft: Draft, body: string): Draft {
  return { ...replacedField(draft, 'content-length', [`content-length: ${body.length}`]), body }
}

function chunked(draft: Draft, fields: readonly string[], extension: string): Draft {
  const body = `${draft.body.length.toString(16)}${extension}\r\n${draft.body}\r\n0\r\n\r\n`
  return { ...replacedField(draft, 'content-length', fields), body }
}
