import { createHash } from 'node:crypto'
import { hashes, parts, preamble, scripts } from './scripts.gen.ts'

/** A script and the name Redis caches it under. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** The scripts of one store. */
export interface Scripts {
  readonly decide: Script
  readonly refund: Script
  readonly heartbeat: Script
  readonly reset: Script
  readonly ping: Script
}

/** Where scripts take the time from: the server in production, an argument in tests. */
export interface Preamble {
  readonly text: string
  /** The last argument of every call, in tests the time in microseconds. */
  readonly argument: (() => string) | null
}

/** The server's own clock. */
export const serverTime: Preamble = { text: preamble, argument: null }

/** A custom algorithm's Lua twin. */
export interface CustomScript {
  readonly kind: string
  readonly lua: string
}

/**
 * Puts the scripts together from constant parts: no value of a user ever becomes part of a script's text, except the
 * Lua of custom algorithms, which the application itself registers.
 */
export function composeScripts(custom: readonly CustomScript[], from: Preamble): Scripts {
  const placed: Readonly<Record<string, string>> = { preamble: from.text, custom: customTable(custom) }
  const script = (name: keyof Scripts): Script => {
    const names = scripts[name] ?? []
    const text = names.map((part) => placed[part] ?? parts[part]).join('')
    const own = from === serverTime && (custom.length === 0 || !names.includes('custom'))
    return { text, sha: (own ? hashes[name] : undefined) ?? sha1(text) }
  }
  return {
    decide: script('decide'),
    refund: script('refund'),
    heartbeat: script('heartbeat'),
    reset: script('reset'),
    ping: script('ping'),
  }
}

function customTable(custom: readonly CustomScript[]): string {
  if (custom.length === 0) return 'local custom\n'
  return `local custom = {\n${custom.map(({ kind, lua }) => `["${kind}"] = ${lua.trim()},\n`).join('')}}\n`
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
