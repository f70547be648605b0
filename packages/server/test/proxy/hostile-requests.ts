/** Requests that are out to be read in two ways, made of a seed. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import {
  FIELD_TRICKS,
  FRAMINGS,
  HOST_TRICKS,
  HOSTS,
  METHOD_TRICKS,
  METHODS,
  PATH_TRICKS,
  PATHS,
  SPLICES,
  TARGETS,
  UPGRADES,
  VERSIONS,
} from './hostile-tricks.ts'

const FORGED_ID = 'X-Request-Id: forged'

/** What one connection brings. */
export interface HostileCase {
  /** In Latin-1, in the pieces in which they are written. */
  readonly pieces: readonly string[]
  /** Whether the client resets the connection, before it has seen what comes back. */
  readonly resets: boolean
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

/** The key that `/admin` takes, as a line. */
export type KeyLine = string

/** Makes one connection's worth of requests, each of which has a field `X-Tag` of its own. */
export function hostileCase(random: Random, keyLine: KeyLine): HostileCase {
  const drafts = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => draftOf(random, keyLine))
  let tag = 0
  const spell = (draft: Draft): string => spelled(draft, tag++, random)
  let octets = drafts.map(spell).join('')
  if (random.percent(30)) for (let i = random.between(1, 3); i > 0; i--) octets = spoiled(octets, random)
  // What a request before it hides, or leaves alone.
  octets += 'GET /last HTTP/1.1\r\nHost: shop.example\r\nX-Tag: last\r\nConnection: close\r\n\r\n'
  return { pieces: cut(octets, random), resets: random.percent(8) }
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
  // A trusted proxy gives each request an id of its own.
  const own = lines.map((line) => (line === FORGED_ID ? `${line}-${tag}` : line))
  const all = [...own, `X-Tag: ${tag}`]
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
