import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Mistake } from './config-error.ts'
import { STDOUT } from './log-settings.ts'
import type { FileShape } from './schema/file-shape.ts'
import type { ConfigSource } from './source/config-source.ts'
import { isConfigName } from './source/list-files.ts'
import { show } from './unknown-name.ts'

/** What people write who mean the log's own output. */
const OUTPUTS = /^(stdout|stderr|-)$/i

/**
 * Why nothing can be written to the file of the audit log, or must not be: it would go into what the service reads. Files are
 * looked for beside `file`.
 */
export function auditMistakes(shape: FileShape, source: ConfigSource, file: string): Mistake[] {
  const name = shape.audit?.file
  if (name === undefined || name === STDOUT) return []
  const message = OUTPUTS.test(name)
    ? `${show(name)} would be a file of that name; for the output of the process write ${STDOUT}`
    : wrongPlace(name, { path: resolve(dirname(file), name), folder: dirname(file), shape, source })
  return message === null ? [] : [{ path: ['audit', 'file'], message }]
}

interface Place {
  readonly path: string
  /** Where the configuration lies. */
  readonly folder: string
  readonly shape: FileShape
  readonly source: ConfigSource
}

function wrongPlace(name: string, { path, folder, shape, source }: Place): string | null {
  if (isFolder(path))
    return `${show(name)} is a folder; name a file in it, such as ${join(name, 'audit.log')}`
  if (!isFolder(dirname(path)))
    return `${show(name)} lies in a folder that cannot be found; make it, or name another file`
  const read = [...source.texts.map(({ file }) => file), ...filesOf(shape).map((one) => resolve(folder, one))]
  const real = realPath(path)
  if (read.some((one) => realPath(one) === real)) {
    return `${show(name)} is a file that this configuration reads; name another, such as audit.log`
  }
  const isInFolder = isFolder(source.name) && dirname(real) === realPath(source.name)
  if (!isInFolder || !isConfigName(basename(path))) return null
  return `${show(name)} would be read as a part of this configuration; name another, such as audit.log`
}

/** Other files that a configuration names. */
function filesOf({ tls, hashKeys, jwt }: FileShape): string[] {
  const { certFile, keyFile, clientCaFile, certificates = [] } = tls ?? {}
  const others = certificates.flatMap((one) => [one.certFile, one.keyFile])
  const files = [certFile, keyFile, ...others, clientCaFile, hashKeys?.secretFile, jwt?.keyFile]
  return files.filter((one) => one !== undefined)
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** By whatever links a file is reached; one that there is not yet lies in a folder that there is. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path))
  }
}
