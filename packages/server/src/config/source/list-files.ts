import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { HeadgateError } from 'headgate'

/** More are no configuration, and are looked at once a second. */
const FILES_MAX = 1000

/**
 * The files of a folder that are a configuration, in the order of their names. What begins with a dot is none: editors
 * keep theirs so, and a ConfigMap its versions, which would be read twice. Nor is a JSON Schema, `*.schema.json`.
 */
export async function listFiles(folder: string): Promise<string[]> {
  const all = await readdir(folder).catch((cause: unknown) => {
    const { code = 'unknown error' } = cause as NodeJS.ErrnoException
    throw new HeadgateError('invalid-config', `${folder} cannot be read (${code})`, { cause })
  })
  const names = all.filter(isConfigName).sort()
  if (names.length > FILES_MAX) {
    const message = `${folder} has ${names.length} files; at most ${FILES_MAX} are a configuration`
    throw new HeadgateError('invalid-config', message)
  }
  const files = names.map((name) => join(folder, name))
  const kinds = await Promise.all(files.map(isFolder))
  return files.filter((_, i) => kinds[i] === false)
}

/** Whether a file of this name is a configuration where it lies in the folder of one. */
export function isConfigName(name: string): boolean {
  return /^[^.].*(?<!\.schema)\.(yaml|yml|json)$/.test(name)
}

/** Whether something is neither file nor folder: opening a pipe would wait for somebody to write. False where nothing is. */
export async function isSpecial(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => !stats.isFile() && !stats.isDirectory(),
    () => false,
  )
}

/** Whether a folder is at the end of all links; false where nothing is. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
}
