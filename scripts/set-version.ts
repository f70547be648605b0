/** `npm run version:set -- 0.2.0`: gives all packages, the chart, manifests and the page of images this version, once the changelog has its section. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

interface Manifest {
  readonly name: string
  readonly workspaces?: readonly string[]
  version: string
  dependencies?: Record<string, string>
}

interface Lockfile {
  version: string
  readonly packages: Record<string, Manifest>
}

/** Files that are no JSON, and where the version stands in them. */
const TEXTS: ReadonlyMap<string, RegExp> = new Map([
  ['charts/headgate/Chart.yaml', /^((?:version|appVersion): ).*$/gm],
  ['deploy/kubernetes/base/kustomization.yaml', /(newTag: )[^ ]+/g],
  ['deploy/kubernetes/components/sidecar/kustomization.yaml', /(newTag: )[^ ]+/g],
  ['docs/operations/deploying.md', /(headgate:)\d[\w.-]*/g],
])

if (import.meta.main) {
  try {
    const changed = setVersion(resolve(import.meta.dirname, '..'), process.argv[2] ?? '')
    console.log(`${process.argv[2]} in ${changed.join(', ')}`)
  } catch (error) {
    console.error(`set-version: ${(error as Error).message}`)
    process.exitCode = 1
  }
}

/** Writes the version into the manifests of the workspace at `root` and its lockfile; returns what it wrote. */
export function setVersion(root: string, version: string): string[] {
  if (!/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/.test(version)) {
    throw new Error(`'${version}' is no version: name one, as in npm run version:set -- 0.2.0 or 1.0.0-rc.1`)
  }
  checkChangelog(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version)
  const { workspaces = [] } = read<Manifest>(root, 'package.json')
  const folders = globSync([...workspaces], { cwd: root }).sort()
  const paths = ['package.json', ...folders.map((folder) => join(folder, 'package.json'))]
  const manifests = new Map(paths.map((path) => [path, read<Manifest>(root, path)]))
  const ours = new Set([...manifests.values()].map(({ name }) => name))
  for (const manifest of manifests.values()) raise(manifest, ours, version)
  const lock = read<Lockfile>(root, 'package-lock.json')
  lock.version = version
  for (const folder of ['', ...folders]) {
    const entry = lock.packages[folder]
    if (!entry) throw new Error(`package-lock.json lacks ${folder}: run npm install`)
    raise(entry, ours, version)
  }
  const values = [...manifests, ['package-lock.json', lock] as const]
  const files = new Map([
    ...values.map(([path, value]) => [path, `${JSON.stringify(value, null, 2)}\n`] as const),
    ...[...TEXTS].map(([path, place]) => [path, textWith(join(root, path), place, version)] as const),
  ])
  for (const [path, text] of files) writeFileSync(join(root, path), text)
  return [...files.keys()]
}

function textWith(path: string, place: RegExp, version: string): string {
  return readFileSync(path, 'utf8').replaceAll(place, (_, before: string) => before + version)
}

/** A version is released with what is said about it, and with nothing that is said of the next one. */
function checkChangelog(text: string, version: string): void {
  const sections = text.split(/^## /m)
  const heading = `[${version}] - `
  if (!sections.some((section) => section.startsWith(heading))) {
    throw new Error(
      `CHANGELOG.md has no section '## ${heading}YYYY-MM-DD': move there what stands under Unreleased`,
    )
  }
  const [, ...left] =
    sections
      .find((section) => section.startsWith('[Unreleased]'))
      ?.trim()
      .split('\n') ?? []
  if (left.some((line) => line.trim() !== '')) {
    throw new Error(`CHANGELOG.md still has lines under Unreleased: move them to ${version}`)
  }
}

/** Packages of one version want each other in exactly that one. */
function raise(manifest: Manifest, ours: ReadonlySet<string>, version: string): void {
  manifest.version = version
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (ours.has(name)) (manifest.dependencies as Record<string, string>)[name] = version
  }
}

function read<T>(root: string, path: string): T {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as T
}
