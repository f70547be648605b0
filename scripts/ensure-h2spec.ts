/** Makes sure that the long tests have h2spec, which tries a server of HTTP/2 against its RFCs. Without Go its tests are skipped. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { folderApart } from './install-apart.ts'

/** The last one that Go knows by a version. */
const VERSION = 'v2.2.1+incompatible'
const PROGRAM = `github.com/summerwind/h2spec/cmd/h2spec@${VERSION}`
const INSTALL_TIMEOUT_MS = 300_000

const folder = folderApart(`headgate-h2spec/${VERSION}`)
const program = join(folder, 'h2spec')

if (import.meta.main) ensureH2spec()

/** Builds it where it is missing. */
export function ensureH2spec(): void {
  if (h2spec() !== null) return
  console.log(`h2spec not found: building it with go into ${folder}`)
  mkdirSync(folder, { recursive: true })
  const { stdout, stderr, error } = spawnSync('go', ['install', PROGRAM], {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
    env: { ...process.env, GOBIN: folder },
  })
  if (h2spec() !== null) return
  console.warn(`ensure-h2spec: its tests are SKIPPED: ${stdout ?? ''}${stderr ?? ''}${error ?? ''}`)
}

/** The program; null where there is none. */
export function h2spec(): string | null {
  return existsSync(program) ? program : null
}
