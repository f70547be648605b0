import { createHash } from 'node:crypto'
import { files } from './scripts.gen.ts'

/** A script and the name Redis caches it under. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** Where scripts take the time from: the server in production, an argument in tests. */
export interface Preamble {
  readonly text: string
  /** The last argument of every call, in tests the time in microseconds. */
  readonly argument: (() => string) | null
}

/** The server's own clock. */
export const serverTime: Preamble = { text: files.preamble, argument: null }

/** A custom algorithm's Lua twin. */
export interface CustomScript {
  readonly kind: string
  readonly lua: string
}

/** The scripts that no rule has a part in. */
export interface FixedScripts {
  readonly heartbeat: Script
  readonly reset: Script
  readonly ping: Script
}

/** Puts the fixed scripts together. */
export function fixedScripts(from: Preamble): FixedScripts {
  return {
    heartbeat: scriptOf(from.text + files.heartbeat),
    reset: scriptOf(files.reset),
    ping: scriptOf(files.ping),
  }
}

/** A text with its SHA-1. */
export function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
