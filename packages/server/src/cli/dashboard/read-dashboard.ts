import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DashboardAsset, DashboardFiles } from '../../transports/admin/dashboard-files.ts'

/** Where it lies in the packed package. */
const PACKED = fileURLToPath(new URL('../../../dashboard/', import.meta.url))
/** The package that it is built from, in a clone. */
const SOURCE = fileURLToPath(new URL('../../../../dashboard/', import.meta.url))
/** Beside the installed package another one may have the name of that folder. */
const SOURCE_NAME = 'headgate-dashboard'

/** What the dashboard may be made of. Anything else in its folder is not served. */
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** The dashboard that comes with the package, or that was built in this clone; null where there is none. */
export function findDashboard(): DashboardFiles | null {
  return readDashboard(PACKED) ?? (isSource(SOURCE) ? readDashboard(join(SOURCE, 'dist')) : null)
}

/** Reads what a build has left in a folder; null where there is no page. */
export function readDashboard(folder: string): DashboardFiles | null {
  const page = join(folder, 'index.html')
  if (!existsSync(page)) return null
  const assets = join(folder, 'assets')
  const entries = existsSync(assets) ? readdirSync(assets, { withFileTypes: true }) : []
  const names = entries.flatMap((entry) => (entry.isFile() ? [entry.name] : []))
  return { index: readFileSync(page), assets: new Map(names.flatMap((name) => assetOf(assets, name))) }
}

function assetOf(folder: string, name: string): (readonly [string, DashboardAsset])[] {
  const type = TYPES[extname(name)]
  return type === undefined ? [] : [[name, { type, bytes: readFileSync(join(folder, name)) }]]
}

function isSource(folder: string): boolean {
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === SOURCE_NAME
}
