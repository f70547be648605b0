/** `npm run site`: builds the documents into a static site, `site/dist`; `--base /headgate/` for one that lies in a folder of its host. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readDocuments } from '../packages/limiter/test/docs/documents.ts'
import { siteProblems } from './site/check-pages.ts'
import { navigationOf, SECTIONS, titleOf, unlistedDocuments } from './site/navigation.ts'
import { sidebarOf } from './site/sidebar.ts'
import { pictureRouteOf, withFrontMatter } from './site/site-page.ts'
import { siteContents } from './site/site-pages.ts'

const site = resolve(import.meta.dirname, '../site')
const content = join(site, 'src/content/docs')

const { values } = parseArgs({ options: { base: { type: 'string', default: '/' } } })
const base = values.base
if (!/^\/([\w.~-]+\/)*$/.test(base)) {
  throw new Error(`--base ${base} is no path: let it begin and end with a slash, as /headgate/ does`)
}

const documents = readDocuments()
refuse(unlistedDocuments(documents))
install()
writePages()
build()
refuse(siteProblems({ dist: join(site, 'dist'), base, documents }))
console.log(`the site is in site/dist, for the path ${base}`)

function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return
  for (const problem of problems) console.error(problem)
  process.exit(1)
}

/** Its packages are no part of the workspace, which stays small without them; other ones are installed when the lockfile says so. */
function install(): void {
  const installed = statSync(join(site, 'node_modules/.package-lock.json'), { throwIfNoEntry: false })
  if (installed !== undefined && installed.mtimeMs > statSync(join(site, 'package-lock.json')).mtimeMs) return
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
}

function writePages(): void {
  rmSync(content, { recursive: true, force: true })
  rmSync(join(site, 'public/images'), { recursive: true, force: true })
  const { pages, pictures } = siteContents(documents, base)
  for (const page of pages) {
    write(join(content, page.route === '' ? 'index.md' : `${page.route}.md`), withFrontMatter(page))
  }
  for (const path of pictures) {
    cpSync(resolve(site, '..', path), join(site, 'public', pictureRouteOf(path) ?? ''))
  }
  const listed = documents.filter(({ path }) => path.startsWith('docs/'))
  const titles = new Map(listed.map((document) => [document.path, titleOf(document)]))
  const groups = SECTIONS.map((section) => navigationOf(documents, `docs/${section}/README.md`))
  write(join(site, 'src/sidebar.json'), JSON.stringify(sidebarOf(groups, titles)))
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function build(): void {
  rmSync(join(site, 'dist'), { recursive: true, force: true })
  run('node_modules/.bin/astro', ['build', '--base', base])
}

function run(command: string, args: readonly string[]): void {
  const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: '1' }
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: site, encoding: 'utf8', env })
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed`, { cause: error ?? `${stdout}${stderr}` })
}
