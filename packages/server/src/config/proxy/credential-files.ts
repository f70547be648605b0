import { hash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { FileShape } from '../schema/file-shape.ts'
import { readSmallFile } from '../small-file.ts'
import { LIST_BYTES_MAX } from './read-api-keys.ts'

/** Files of keys and users that a configuration names. */
export interface Credentials {
  /** From the root. */
  readonly files: readonly string[]
  /** Tells what stands in them from anything else; empty where there are none. */
  readonly digest: string
}

/** The files of keys and users of a configuration, which are looked for beside `file`, as they are now. */
export function credentialsOf(shape: Pick<FileShape, 'proxy'>, file: string): Credentials {
  const files = credentialFiles(shape, file)
  return { files, digest: credentialDigest(files) }
}

function credentialFiles({ proxy }: Pick<FileShape, 'proxy'>, file: string): readonly string[] {
  const named = [proxy?.apiKeys?.keysFile, proxy?.basic?.usersFile]
  return named.flatMap((name) => (name === undefined ? [] : [resolve(dirname(file), name)]))
}

/** Tells what stands in such files from anything else; empty where there are none. A file that cannot be read is as one that is empty. */
export function credentialDigest(files: readonly string[]): string {
  if (files.length === 0) return ''
  const digests = files.map((file) => hash('sha256', readSmallFile(file, LIST_BYTES_MAX) ?? ''))
  return hash('sha256', JSON.stringify(digests))
}
