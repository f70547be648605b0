import { createHash } from 'node:crypto'
import { withStanding } from './compile/standing-block.ts'
import { files } from './scripts.gen.ts'

/** A script and the SHA-1 by which EVALSHA calls it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** Lua code that sets the time: from the server in production, from an argument in tests. */
export interface Preamble {
  readonly text: string
  /** In tests the last argument of every call, the time in microseconds; null in production. */
  readonly argument: (() => string) | null
}

/** The server's own clock. */
export const serverTime: Preamble = { text: files.preamble, argument: null }

/** A custom algorithm's Lua twin. */
export interface CustomScript {
  readonly kind: string
  readonly lua: string
}

/** The scripts that do not depend on rules. */
export interface FixedScripts {
  readonly claim: Script
  readonly clear: Script
  readonly document: Script
  readonly heartbeat: Script
  readonly reset: Script
  readonly block: Script
  readonly ping: Script
  readonly secrets: Script
}

/** Builds the fixed scripts. */
export function fixedScripts(from: Preamble): FixedScripts {
  return {
    claim: scriptOf(from.text + files.claim),
    clear: scriptOf(files.clear),
    document: scriptOf(files.document),
    heartbeat: scriptOf(from.text + files.heartbeat),
    reset: scriptOf(files.reset),
    block: scriptOf(from.text + withStanding(files.block)),
    ping: scriptOf(files.ping),
    secrets: scriptOf(from.text + files.secrets),
  }
}

/** A text with its SHA-1. */
export function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
