import { resolve } from 'node:path'
import { parse } from 'yaml'
import type { ApiKey, ApiKeySettings } from '../../service/proxy-settings/auth-settings.ts'
import { formatPath, type Mistake, type Path } from '../config-error.ts'
import { explain, flatten } from '../issues.ts'
import { apiKeyListShape, type FileAuth } from '../schema/proxy-auth-shape.ts'
import { readSmallFile } from '../small-file.ts'
import { show } from '../unknown-name.ts'

/** Most bytes of a file with keys or users. */
export const LIST_BYTES_MAX: number = 2 * 1024 * 1024

/** What is wrong with such a file that is not read. */
export const UNREADABLE_LIST = 'cannot be read as a file of up to 2 MiB; check its path and permissions'

const HEADER = 'x-api-key'
const AT = ['proxy', 'apiKeys']

type FileKeys = NonNullable<FileAuth['apiKeys']>
type FileKey = NonNullable<FileKeys['keys']>[number]
type Placed = readonly [FileKey, place: Path, within: string]

/** The API keys of the configuration and of its file of keys, which is looked for from `folder`; or what is wrong with them. */
export function readApiKeys(
  { header = HEADER, keys = [], keysFile }: FileKeys,
  folder: string,
): ApiKeySettings | readonly Mistake[] {
  const more = keysFile === undefined ? [] : readKeysFile(resolve(folder, keysFile))
  if (!isList(more)) return [{ path: [...AT, 'keysFile'], message: more.message }]
  const placed: Placed[] = [
    ...keys.map((key, i): Placed => [key, [...AT, 'keys', i], '']),
    ...more.map((key, i): Placed => [key, [...AT, 'keysFile'], `[${i}] of the file: `]),
  ]
  // A file that has become empty revokes the last key.
  if (placed.length === 0 && keysFile === undefined)
    return [{ path: AT, message: 'has no key; give keys or keysFile' }]
  const mistakes = twice(placed)
  return mistakes.length > 0
    ? mistakes
    : { header: header.toLowerCase(), keys: placed.map(([key]) => apiKey(key)) }
}

/** A list as under `keys`, in YAML or JSON. */
function readKeysFile(file: string): readonly FileKey[] | { readonly message: string } {
  const text = readSmallFile(file, LIST_BYTES_MAX)?.toString()
  if (text === undefined) return { message: UNREADABLE_LIST }
  let value: unknown
  try {
    value = parse(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch {
    return { message: 'is neither YAML nor JSON' }
  }
  const { data, error } = apiKeyListShape.safeParse(value, { error: (issue) => explain(issue) })
  if (data !== undefined) return data
  const [{ path, message } = { path: [], message: 'is no list of keys' }] = error.issues.flatMap((one) =>
    flatten(one),
  )
  return { message: `${formatPath(path)} of the file: ${message}`.trimStart() }
}

function isList(read: readonly FileKey[] | { readonly message: string }): read is readonly FileKey[] {
  return Array.isArray(read)
}

function apiKey({ id, hash, scopes = [], expires }: FileKey): ApiKey {
  const expiresAtMs = expires === undefined ? null : Date.parse(expires)
  return { id, hash: hash.slice('sha256:'.length), scopes, expiresAtMs }
}

/** Keys are found by their ids, so that each has its own. */
function twice(placed: readonly Placed[]): Mistake[] {
  const ids = new Set<string>()
  return placed.flatMap(([{ id }, path, within]) => {
    const isTwice = ids.has(id)
    ids.add(id)
    const message = `${within}${show(id)} is there twice; give each key its own id`
    return isTwice ? [{ path: within === '' ? [...path, 'id'] : path, message }] : []
  })
}
