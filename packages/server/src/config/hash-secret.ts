import { createSecretKey } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { HashKeySettings, NotInForce } from '../service/configuration.ts'
import type { Mistake } from './config-error.ts'
import type { FileShape } from './schema/file-shape.ts'
import { readSmallFile, UNREADABLE } from './small-file.ts'

const SECRET_BYTES_MIN = 32
const PATH = ['hashKeys', 'secretFile']
const LINE_FEED = 0x0a
const RETURN = 0x0d

/**
 * The secret by which a file wants keys hashed, or what is wrong with it; its file is looked for beside `file`. Null where keys stay
 * readable. The end of the last line is no part of it: editors add one.
 */
export function readHashKeys({ hashKeys }: FileShape, file: string): HashKeySettings | Mistake | null {
  if (hashKeys === undefined) return null
  const bytes = readSmallFile(resolve(dirname(file), hashKeys.secretFile))
  if (bytes === null) return { path: PATH, message: UNREADABLE }
  const secret = withoutLineEnd(bytes)
  if (secret.length >= SECRET_BYTES_MIN) return { secret: createSecretKey(secret) }
  const fix = 'write "openssl rand -hex 32" to it'
  return { path: PATH, message: `holds less than the ${SECRET_BYTES_MIN} bytes of a secret; ${fix}` }
}

/** Whether a secret was read. */
export function isHashKeys(read: HashKeySettings | Mistake): read is HashKeySettings {
  return 'secret' in read
}

/** What is wrong with the secret that was read. */
export function hashKeysMistakes(read: HashKeySettings | Mistake | null): Mistake[] {
  return read === null || isHashKeys(read) ? [] : [read]
}

/** What another file says of hashed keys otherwise than that of the start: the limiter has its secret for life. */
export function hashKeysChanges(
  started: { readonly hashKeys?: HashKeySettings | undefined },
  next: { readonly hashKeys?: HashKeySettings | undefined },
): NotInForce[] {
  const [before, after] = [started.hashKeys?.secret, next.hashKeys?.secret]
  const isSame = before === undefined || after === undefined ? before === after : before.equals(after)
  const message =
    'hashKeys has changed, which takes a restart, and begins all budgets anew; until then the old value holds'
  return isSame ? [] : [{ path: 'hashKeys', message }]
}

function withoutLineEnd(bytes: Buffer): Buffer {
  let end = bytes.length
  if (bytes[end - 1] === LINE_FEED) end--
  if (end < bytes.length && bytes[end - 1] === RETURN) end--
  return bytes.subarray(0, end)
}
