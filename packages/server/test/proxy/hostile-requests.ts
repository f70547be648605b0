/** Requests that are out to be read in two ways, made of a seed. */
import type { Random } from '../../../limiter/test/parity/random.ts'

/** What one connection brings. */
export interface HostileCase {
  /** In Latin-1, in the pieces in which they are written. */
  readonly pieces: readonly string[]
  /** Whether nothing was changed in it by chance, so that it has the requests it was made of. */
  readonly isIntact: boolean
}

/** A request while tricks are played with it. */
interface Draft {
  method: string
  target: string
  version: string
  lines: string[]
  framing: readonly string[]
  body: string
}

const HOSTS = ['shop.example', 'api.example', 'SHOP.example', 'shop.example:8080', 'shop.example.']
const PATHS = ['/', '/a', '/admin', '/admin/users', '/A/b', '/stay', '/items/1', '/ws']
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']

const HOST_TRICKS = [
  'Host: evil.example',
  'Host:',
  'Host: shop.example, evil.example',
  'Host: shop.example@evil.example',
  'Host : shop.example',
  ' Host: evil.example',
  'hOsT: shop.example',
  'Host: shop.example:99999',
  'Host: [::1]',
  'Host: 127.0.0.1/admin',
  'X-Forwarded-Host: evil.example',
  'X-Host: evil.example',
  'Forwarded: for=1.2.3.4;host=evil.example;proto=https',
]
const PATH_TRICKS = [
  '//',
  '/./',
  '/../',
  '/..;/',
  '/.;a/',
  '%2e%2e/',
  '/%2e/',
  '%2f',
  '%2F',
  '%5c',
  '\\',
  '%00',
  '%u002e',
  '%c0%ae',
  '%252e%252e%252f',
  ';jsessionid=1',
  ';',
  '#',
  '?',
  '%3f',
  '%23',
  '%61dmin',
  '/admin',
  '/ADMIN',
  '%41dmin',
  '/admin/',
  '/admin;x',
  '\xe9',
  '%',
  '%zz',
  '*',
  '|',
  '"',
  '@evil.example',
  '/a/'.repeat(200),
]
const TARGETS = [
  '*',
  'http://shop.example/admin',
  'http://evil.example/admin',
  'https://shop.example/a/../admin',
  'HTTP://shop.example?x',
  'ftp://shop.example/',
  '//evil.example/admin',
  'shop.example:443',
  '/admin?/../../a',
  '/a?x=%2f..%2fadmin',
  '/a#/admin',
  '',
  '/admin%20HTTP/1.1',
]
const METHOD_TRICKS = [
  'get',
  'TRACE',
  'CONNECT',
  'TRACK',
  'PRI',
  'M-SEARCH',
  'QUERY',
  'G ET',
  'GET\t',
  'GE\0T',
  'G'.repeat(1000),
  'OPTIONS',
  'SOURCE',
  'PURGE',
]
const VERSIONS = [
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/1.2',
  'HTTP/1.1 ',
  'http/1.1',
  'HTTP/1.10',
  '',
  'RTSP/1.0',
]
const FIELD_TRICKS = [
  'Connection: close, X-Forwarded-For, Authorization, X-Api-Key, Cookie, Host, Content-Length',
  'Connection: x-auth-principal, x-request-id, transfer-encoding',
  'Connection: keep-alive, x-tag',
  'Connection: close',
  'Keep-Alive: timeout=5',
  'Proxy-Connection: keep-alive, X-Forwarded-For',
  'TE: trailers, chunked',
  'Trailer: Authorization, Content-Length',
  'Upgrade: h2c',
  'X-Forwarded-For: 1.2.3.4',
  'X-Forwarded-For: 10.0.0.1, 1.2.3.4, unknown, ::1',
  'X_Forwarded_For: 1.2.3.4',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Prefix: /admin',
  'X-Forwarded-User: root',
  'X-Real-IP: 1.2.3.4',
  'X-Original-URL: /admin',
  'X-Rewrite-URL: /admin',
  'X-Auth-User: root',
  'X-Auth-Principal: apikey:root',
  'x_auth_principal: apikey:root',
  'X-AUTH-SCOPES: admin',
  'X-HTTP-Method-Override: DELETE',
  'X-Request-Id: forged',
  'X-Request-Id: a\x1b[31mb',
  'Proxy-Authorization: Basic eDp5',
  'Proxy: http://evil.example',
  'Cookie: a=1',
  'Cookie: b=2; c=3',
  'Authorization: Bearer x',
  'Expect: 100-continue',
  'Expect: 100-Continue, other',
  'Expect: 200-ok',
  'X-A: b\rX-B: c',
  'X-A: b\nX-Auth-Principal: apikey:root',
  'X-A: b\r\n\tContent-Length: 5',
  'X-A\0: b',
  ': nothing',
  'no colon',
  'X-A : b',
  '__proto__: a',
  'constructor: b',
  `X-Long: ${'a'.repeat(9000)}`,
  'X-Api-Key: wrong',
]
const FRAMINGS = [
  ['Content-Length: 5', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding: chunked', 'Content-Length: 0'],
  ['Content-Length: 5', 'Content-Length: 6'],
  ['Content-Length: 5', 'content-length: 5'],
  ['Content-Length: +5'],
  ['Content-Length: 5,5'],
  ['Content-Length: 0x5'],
  ['Content-Length: 5 '],
  ['Content-Length:\t5'],
  ['Content-Length: 5\x0b'],
  ['Content-Length: -1'],
  ['Content-Length:'],
  ['Content-Length : 5'],
  ['Content_Length: 5'],
  ['Content-Length: 00000005'],
  ['Content-Length: 99999999999999999999'],
  ['Transfer-Encoding: xchunked'],
  ['Transfer-Encoding: chunked, identity'],
  ['Transfer-Encoding: identity, chunked'],
  ['Transfer-Encoding: gzip, chunked'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'],
  ['Transfer-Encoding:\x0bchunked'],
  ['Transfer-Encoding: \x0cchunked'],
  ['Transfer-Encoding : chunked'],
  ['Transfer-Encoding:chunked'],
  ['TRANSFER-ENCODING: CHUNKED'],
  ['Transfer-Encoding: chunked\t'],
  ['Transfer_Encoding: chunked'],
  ['Transfer-Encoding:', ' chunked'],
  ['X: y\r\n Transfer-Encoding: chunked'],
  ['X: y\nTransfer-Encoding: chunked'],
  ['Transfer-Encoding: "chunked"'],
  ['Transfer-Encoding: chunked;q=1'],
]
const UPGRADES = [
  ['Connection: Upgrade', 'Upgrade: websocket'],
  ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket'],
  ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
  ['Connection: Upgrade', 'Upgrade: websocket, h2c'],
  ['Connection: Upgrade', 'Upgrade: h2c', 'Upgrade: websocket'],
  ['Upgrade: websocket'],
  ['Connection: upgrade'],
]
const SPLICES = [
  '\r',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  '/',
  '%',
  '0',
  ',',
  ';',
  '\x0b',
  '\xff',
  'GET / HTTP/1.1\r\n',
]

/** The key that `/admin` takes, as a line. */
export type KeyLine = string

/** Makes one connection's worth of requests, each of which has a field `X-Tag` of its own. */
export function hostileCase(random: Random, keyLine: KeyLine): HostileCase {
  const drafts = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => draftOf(random, keyLine))
  let tag = 0
  const spell = (draft: Draft): string => spelled(draft, tag++, random)
  let octets = drafts.map(spell).join('')
  const isIntact = !random.percent(30)
  if (!isIntact) for (let i = random.between(1, 3); i > 0; i--) octets = spoiled(octets, random)
  // What a request before it hides, or leaves alone.
  octets += 'GET /last HTTP/1.1\r\nHost: shop.example\r\nX-Tag: last\r\nConnection: close\r\n\r\n'
  return { pieces: cut(octets, random), isIntact }
}

function draftOf(random: Random, keyLine: KeyLine): Draft {
  const draft: Draft = {
    method: random.pick(METHODS),
    target: random.pick(PATHS) + (random.percent(20) ? '?q=1&r=%2f' : ''),
    version: 'HTTP/1.1',
    lines: [`Host: ${random.pick(HOSTS)}`],
    framing: [],
    body: '',
  }
  if (random.percent(30)) draft.lines.push(keyLine)
  setBody(draft, random)
  for (let tricks = random.pick([0, 1, 1, 2, 3]); tricks > 0; tricks--) trick(draft, random)
  return draft
}

function setBody(draft: Draft, random: Random): void {
  const kind = random.below(4)
  if (kind < 2) return
  const text = random.percent(40)
    ? 'GET /hidden HTTP/1.1\r\nHost: shop.example\r\nX-Tag: hidden\r\n\r\n'
    : 'x'.repeat(random.below(300))
  if (kind === 2) {
    draft.framing = [`Content-Length: ${text.length}`]
    draft.body = text
  } else {
    draft.framing = ['Transfer-Encoding: chunked']
    draft.body = inChunks(text, random)
  }
}

function inChunks(text: string, random: Random): string {
  let chunks = ''
  for (let at = 0; at < text.length; ) {
    const size = random.between(1, 100)
    const piece = text.slice(at, at + size)
    const extension = random.percent(10) ? random.pick([';a=b', ';', ' ', ';a="\r\n"', '\t', ';\n']) : ''
    const digits = random.percent(90)
      ? piece.length.toString(16)
      : `00${piece.length.toString(16).toUpperCase()}`
    chunks += `${digits}${extension}\r\n${piece}\r\n`
    at += size
  }
  if (random.percent(5))
    return `${chunks}${random.pick(['0\r\n', '-1\r\n', 'g\r\n', '0x0\r\n\r\n', '0\n\n', 'FFFFFFFFFFFFFFFF\r\n'])}`
  const trailer = random.percent(10)
    ? random.pick(['Authorization: Bearer x\r\n', 'Host: evil\r\n', 'X-Tag: t\r\n'])
    : ''
  return `${chunks}0\r\n${trailer}\r\n`
}

function trick(draft: Draft, random: Random): void {
  switch (random.below(9)) {
    case 0:
      draft.lines.splice(random.below(2), random.below(2), random.pick(HOST_TRICKS))
      break
    case 1:
    case 2: {
      const at = random.below(draft.target.length + 1)
      draft.target = draft.target.slice(0, at) + random.pick(PATH_TRICKS) + draft.target.slice(at)
      break
    }
    case 3:
      draft.target = random.pick(TARGETS)
      break
    case 4:
      draft.method = random.pick(METHOD_TRICKS)
      break
    case 5:
      draft.version = random.pick(VERSIONS)
      break
    case 6:
      draft.framing = random.pick(FRAMINGS)
      if (draft.body === '' && random.percent(80))
        draft.body = random.pick(['hello', '5\r\nhello\r\n0\r\n\r\n', '0\r\n\r\n'])
      break
    case 7:
      draft.lines.push(...random.pick(UPGRADES))
      if (random.percent(60)) Object.assign(draft, { method: 'GET', framing: [], body: '' })
      break
    default:
      draft.lines.splice(random.below(draft.lines.length + 1), 0, random.pick(FIELD_TRICKS))
      if (random.percent(15)) draft.lines.push(random.pick(draft.lines))
  }
}

function spelled(
  { method, target, version, lines, framing, body }: Draft,
  tag: number,
  random: Random,
): string {
  const all = [...lines, `X-Tag: ${tag}`]
  all.splice(random.below(all.length + 1), 0, ...framing)
  return `${method} ${target} ${version}\r\n${all.join('\r\n')}\r\n\r\n${body}`
}

/** With some octets taken, doubled, exchanged or put in. */
function spoiled(octets: string, random: Random): string {
  const at = random.below(octets.length + 1)
  const to = Math.min(octets.length, at + random.between(1, 20))
  switch (random.below(5)) {
    case 0:
      return octets.slice(0, at) + octets.slice(to)
    case 1:
      return octets.slice(0, to) + octets.slice(at)
    case 2:
      return octets.slice(0, at) + String.fromCharCode(random.below(256)) + octets.slice(at + 1)
    case 3: {
      // Of all places, ends of lines are the ones that matter.
      const end = octets.indexOf('\r\n', at)
      return end < 0
        ? octets
        : octets.slice(0, end) +
            random.pick(['\n', '\r', '\r\r\n', '\n\r\n', ' \r\n', '\r\n ']) +
            octets.slice(end + 2)
    }
    default:
      return octets.slice(0, at) + random.pick(SPLICES) + octets.slice(at)
  }
}

function cut(octets: string, random: Random): string[] {
  const pieces: string[] = []
  let rest = octets
  for (let cuts = random.pick([0, 0, 0, 1, 2, 5]); cuts > 0 && rest.length > 1; cuts--) {
    const at = random.between(1, rest.length - 1)
    pieces.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  return [...pieces, rest]
}
