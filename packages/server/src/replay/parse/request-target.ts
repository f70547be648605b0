/** What a request line says of where it goes. */
export interface TargetParts {
  readonly path?: string
  readonly host?: string
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/** Path and host of a target as it stands in a log: without its query, and without what web servers escape. */
export function readTarget(target: string): TargetParts {
  const absolute = ABSOLUTE.exec(target)
  const [whole = '', host = ''] = absolute ?? []
  const rest = target.slice(whole.length)
  const path = pathOf(rest === '' && absolute !== null ? '/' : rest)
  const named = host === '' ? {} : { host: hostOf(host) }
  return path === null ? named : { path, ...named }
}

/** Null where there is none, as with `*` and with what is no HTTP. */
function pathOf(target: string): string | null {
  if (target.charCodeAt(0) !== 47) return null
  const end = target.search(/[?#]/)
  const path = end < 0 ? target : target.slice(0, end)
  return path.includes('\\') ? unescapeBytes(path) : path
}

/** Bytes that nginx and Apache write as `\xE4` are those of a path in percent signs. */
function unescapeBytes(path: string): string {
  return path.replace(/\\x([0-9a-f]{2})/gi, '%$1').replace(/\\(["\\])/g, '$1')
}

/** A host without its port, in lower case. */
export function hostOf(text: string): string {
  return text.replace(/:\d+$/, '').toLowerCase()
}

/** An address without a port, as in `192.0.2.1:4711` and `[2001:db8::1]:4711`. */
export function addressOf(text: string): string {
  const [, inBrackets] = /^\[([^\]]*)\](?::\d+)?$/.exec(text) ?? []
  return inBrackets ?? text.replace(/^([0-9.]+):\d+$/, '$1')
}
