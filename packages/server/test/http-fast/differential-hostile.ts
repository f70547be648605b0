/** Requests whose end somebody else may see elsewhere, and others that are none (RFC 9112, sections 2.2, 3, 5.1, 6.3 and 11.2). */
import type { Random } from '../../../limiter/test/parity/random.ts'
import {
  type Change,
  type Draft,
  either,
  foreign,
  replacedField,
  textOf,
  textOfField,
  withFields,
  withoutField,
} from './differential-change.ts'

/** With `N` for the length that is right. */
const LENGTHS = [
  '+N',
  '-N',
  '-1',
  '0N',
  '00N',
  '0xN',
  'N.0',
  'Ne0',
  'N N',
  'N,N',
  'N, N',
  'N;',
  'N:',
  ':N',
  '/N',
  'N\x0b',
  'N\x0c',
  '\x0bN',
  '\xa0N',
  'N\0',
  '"N"',
  '',
  ' ',
  'a',
  '18446744073709551616',
  '18446744073709551617',
  '4294967296',
  '9007199254740993',
  '99999999999999999999999999',
  '\xef\xbc\x95',
]

/** Beside the right length. */
const CODINGS = [
  'transfer-encoding: chunked',
  'Transfer-Encoding: Chunked',
  'TRANSFER-ENCODING: chunked',
  'transfer-encoding: identity',
  'transfer-encoding: xchunked',
  'transfer-encoding: chunked, identity',
  'transfer-encoding: identity, chunked',
  'transfer-encoding: chunked, chunked',
  'transfer-encoding: gzip, chunked',
  'transfer-encoding: "chunked"',
  'transfer-encoding:',
  'transfer-encoding:chunked',
  'transfer-encoding:\tchunked',
  'transfer-encoding: chunked\t',
  'transfer-encoding:\x0bchunked',
  'transfer-encoding: chunked\x0b',
  'transfer-encoding\t: chunked',
  'transfer-encoding : chunked',
  ' transfer-encoding: chunked',
  'transfer-encoding: chunked\r\ntransfer-encoding: x',
  'transfer-encoding:\r\n chunked',
  'transfer-encoding\0: chunked',
  'x: y\ntransfer-encoding: chunked',
  'x: y\rtransfer-encoding: chunked',
  'x: y\r\r\ntransfer-encoding: chunked',
]

/** Lines that are no field. */
const LINES = [
  'x',
  ':',
  ': y',
  'x : y',
  'x\t: y',
  ' x: y',
  '\tx: y',
  'x: y\r\n z',
  'x: y\r\n\tz',
  'x: y\nz: w',
  'x: y\rz: w',
  'x: y\n',
  'x: y\r',
  'x: \0',
  'x: a\0b',
  'x: a\x01b',
  'x: a\x1fb',
  'x: a\x7fb',
  'x: a\x0bb',
  'x\0: y',
  'x\x01: y',
  'x\x7f: y',
  'x\x80: y',
  'x(: y',
  'x{: y',
  'x[: y',
  'x@: y',
  'x/: y',
  '"x": y',
  'x;: y',
  'x,: y',
  'x=: y',
  'x?: y',
  'x y: z',
]

const HOSTS = [
  [],
  ['a', 'b'],
  ['a', 'a'],
  [''],
  ['a b'],
  ['a, b'],
  ['u@a'],
  ['a/b'],
  ['a?b'],
  ['a#b'],
  ['a\x80'],
]

/** Instead of the request line; `@` is its target. */
const REQUEST_LINES = [
  'post @ HTTP/1.1',
  'Post @ HTTP/1.1',
  ' POST @ HTTP/1.1',
  'POST  @ HTTP/1.1',
  'POST @  HTTP/1.1',
  'POST\t@ HTTP/1.1',
  'POST @\tHTTP/1.1',
  'POST @ HTTP/1.1 ',
  'POST @ HTTP/1.1\t',
  'POST @ HTTP/1.1\r',
  'POST @ http/1.1',
  'POST @ HTTP/1.2',
  'POST @ HTTP/1.10',
  'POST @ HTTP/1.01',
  'POST @ HTTP/01.1',
  'POST @ HTTP/2.0',
  'POST @ HTTP/0.9',
  'POST @ HTTP/11',
  'POST @ HTTP/1,1',
  'POST @ HTTP/1.',
  'POST @ HTTP',
  'POST @ HTTPS/1.1',
  'POST @ ICE/1.0',
  'POST @',
  'POST',
  'POST @\0 HTTP/1.1',
  'POST @\x80 HTTP/1.1',
  'POST\0@ HTTP/1.1',
  'POST@ HTTP/1.1',
  'XPOST @ HTTP/1.1',
  'POST x @ HTTP/1.1',
  'PRI * HTTP/2.0',
]

export const HOSTILE: readonly Change[] = [
  ...LENGTHS.map((length) =>
    foreign(`the length ${JSON.stringify(length)}`, (draft) => withLength(draft, [length])),
  ),
  foreign('the length twice', (draft) => withLength(draft, ['N', 'N'])),
  foreign('two lengths', (draft) => withLength(draft, ['N', '1'])),
  foreign('two lengths, the longer one last', (draft) => withLength(draft, ['1', 'N'])),
  either('a length that is too short', (draft, random) =>
    withLength(draft, [String(random.below(draft.body.length))]),
  ),
  either('a length that is too long', (draft, random) =>
    withLength(draft, [String(draft.body.length + random.between(1, 40))]),
  ),
  ...CODINGS.map((line) =>
    foreign(`length and ${JSON.stringify(line)}`, (draft, random) => withFields(draft, random, [line])),
  ),
  ...CODINGS.map((line) =>
    foreign(`chunks by ${JSON.stringify(line)} and a length`, (draft, random) => {
      const body = `${draft.body.length.toString(16)}\r\n${draft.body}\r\n0\r\n\r\n`
      const length = random.percent(50) ? body.length : 4
      return withFields({ ...withLength(draft, [String(length)]), body }, random, [line])
    }),
  ),
  ...[';\n', ' ', '\t', 'x', ';a=\0', '\r', '00000000000000000000', 'g', '-1'].map((after) =>
    foreign(`a chunk of a size with ${JSON.stringify(after)}`, (draft) => {
      const body = `${draft.body.length.toString(16)}${after}\r\n${draft.body}\r\n0\r\n\r\n`
      return { ...replacedField(draft, 'content-length', ['transfer-encoding: chunked']), body }
    }),
  ),
  ...LINES.map((line) =>
    foreign(`the line ${JSON.stringify(line)}`, (draft, random) => withFields(draft, random, [line])),
  ),
  ...HOSTS.map((hosts) =>
    foreign(`the hosts ${JSON.stringify(hosts)}`, (draft, random) =>
      withFields(
        withoutField(draft, 'host'),
        random,
        hosts.map((host) => `host: ${host}`),
      ),
    ),
  ),
  ...REQUEST_LINES.map((line) =>
    foreign(`the line ${JSON.stringify(line)}`, (draft) => ({
      ...draft,
      line: line.replace('@', () => draft.line.split(' ')[1] as string),
    })),
  ),
  foreign('line ends without CR', (draft) => bare(draft, '\n')),
  foreign('line ends without LF', (draft) => bare(draft, '\r')),
  foreign('one line end without CR', (draft, random) => oneBare(draft, '\n', random)),
  foreign('one line end without LF', (draft, random) => oneBare(draft, '\r', random)),
  foreign('one line end too many CR', (draft, random) => oneBare(draft, '\r\r\n', random)),
  foreign('a header that ends in LF LF', (draft) => textOf(draft).replace('\r\n\r\n', '\n\n')),
  foreign('a header that ends in CR LF LF', (draft) => textOf(draft).replace('\r\n\r\n', '\r\n\n')),
  foreign('a header that ends in LF CR LF', (draft) => textOf(draft).replace('\r\n\r\n', '\n\r\n')),
  either('LF before it', (draft) => `\n${textOf(draft)}`),
  either('CR before it', (draft) => `\r${textOf(draft)}`),
  either(
    'octets behind its body',
    (draft, random) => `${textOf(draft)}${random.pick(['x', '\0', '\r\n', '\n', ' '])}`,
  ),
  foreign('TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  foreign('HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'),
  foreign('zeros', (_, random) => '\0'.repeat(random.between(1, 50))),
  foreign('the line of a status', () => 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
]

function withLength(draft: Draft, lengths: readonly string[]): Draft {
  const right = textOfField(draft, 'content-length')
  const fields = lengths.map((length) => `content-length: ${length.replaceAll('N', right)}`)
  return replacedField(draft, 'content-length', fields)
}

function bare(draft: Draft, end: string): string {
  const { body, ...head } = draft
  return textOf({ ...head, body: '' }).replaceAll('\r\n', end) + body
}

function oneBare(draft: Draft, end: string, random: Random): string {
  const { body, ...head } = draft
  const lines = textOf({ ...head, body: '' }).split('\r\n')
  // Not the last two, which end the header.
  const at = random.below(lines.length - 2)
  return (
    lines.map((line, i) => line + (i === lines.length - 1 ? '' : i === at ? end : '\r\n')).join('') + body
  )
}
