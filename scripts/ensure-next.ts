/** Makes sure that the long tests have Next. Where it cannot be installed it says so, and those tests are skipped. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { folderApart, installApart } from './install-apart.ts'

const VERSION = '16.4.6'
const packages = [
  `next@${VERSION}`,
  'react@19.3.1',
  'react-dom@19.3.1',
  'typescript@5.9.3',
  '@types/node@24.19.2',
  '@types/react@19.3.3',
]
const folder = folderApart(`headgate-next/${VERSION}`)

if (import.meta.main) ensureNext()

/** Installs it where it is missing. */
export function ensureNext(): void {
  if (nextModules() !== null) return
  console.log(`next not found: installing with npm into ${folder}`)
  const said = installApart(folder, packages)
  if (nextModules() === null) console.warn(`ensure-next: the tests of Next are SKIPPED: ${said}`)
}

/** The folder of modules that has Next and what it needs; null where it is not installed. */
export function nextModules(): string | null {
  const modules = join(folder, 'node_modules')
  // What npm writes last.
  return existsSync(join(modules, '.package-lock.json')) ? modules : null
}
