/** Makes sure that the long tests have the package `hpack` of Python, which encodes unlike others. Without it its tests are skipped. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { folderApart } from './install-apart.ts'
import { unpackWheel } from './install-wheel.ts'
import { hasCommand } from './redis-installers.ts'

const VERSION = '4.2.0'

const folder = folderApart(`headgate-python-hpack/${VERSION}`)

if (import.meta.main) ensurePythonHpack()

/** Unpacks it where it is missing. */
export function ensurePythonHpack(): void {
  if (pythonHpack() !== null) return
  const said = hasCommand('python3') ? unpackWheel(folder, `hpack==${VERSION}`) : 'there is no python3'
  if (pythonHpack() === null) console.warn(`ensure-python-hpack: its tests are SKIPPED: ${said}`)
}

/** The folder that it is imported from; null where it is not there. */
export function pythonHpack(): string | null {
  return hasCommand('python3') && existsSync(join(folder, 'hpack')) ? folder : null
}
