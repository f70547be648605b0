import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDocuments, root } from './documents.ts'

const files = globSync('examples/{*/*.ts,next/app/**/*.ts}', { cwd: root }).sort()
const folders = globSync('examples/*/package.json', { cwd: root }).map((path) => path.split('/')[1] ?? '')
const documents = readDocuments()
const shown = documents.flatMap(({ path, blocks }) =>
  path.startsWith('docs/guide/') ? blocks.map(({ text, flags }) => ({ path, text: `${text}\n`, flags })) : [],
)

interface Manifest {
  readonly dependencies: Record<string, string>
  readonly devDependencies: Record<string, string>
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const manifestOf = (path: string): Manifest => JSON.parse(read(`${path}package.json`))
/** Versions that the tests install. Next is installed apart from them. */
const tested = { ...manifestOf('').devDependencies, ...manifestOf('packages/limiter/').devDependencies }

describe('an example', () => {
  it('is there for each framework and task', () => {
    expect(files.length).toBeGreaterThanOrEqual(13)
    expect(files.map((file) => file.split('/')[1]).sort()).toEqual(folders.sort())
  })

  it.each(files)('is a block of the guide that is run there: %s', (file) => {
    const text = read(file)
    expect(text.split('\n').length).toBeLessThanOrEqual(40)
    const pages = shown.filter((block) => block.text === text)
    expect(pages.map(({ flags }) => flags)).toEqual([[]])
    const [page] = pages
    const folder = file.split('/').slice(0, 2).join('/')
    expect(read(page?.path ?? '')).toContain(`](../../${folder})`)
    expect(read(`${folder}/README.md`)).toContain(`](../../${page?.path})`)
  })

  it.each(globSync('examples/*/*.yaml', { cwd: root }).sort())('is a block of the guide: %s', (file) => {
    const pages = shown.filter((block) => block.text === read(file))
    expect(pages.map(({ flags }) => flags)).toEqual([[]])
    const [, folder] = file.split('/')
    expect(read(pages[0]?.path ?? '')).toContain(`](../../examples/${folder})`)
    expect(read(`examples/${folder}/README.md`)).toContain(`](../../${pages[0]?.path})`)
  })

  it.each([
    ['caddyfile', 'caddy-forward-auth/Caddyfile'],
    ['nginx', 'nginx-auth-request/nginx.conf'],
  ])('has the block of the guide in it: %s in %s', (language, file) => {
    const lines = (text: string): string[] => text.split('\n').map((line) => line.trim())
    const [block] = documents.flatMap(({ path, blocks }) =>
      path === 'docs/guide/behind-a-gateway.md' ? blocks.filter((one) => one.language === language) : [],
    )
    expect(lines(read(`examples/${file}`))).toEqual(expect.arrayContaining(lines(block?.text ?? 'none')))
  })

  it.each(folders)('names the packages that it imports, in versions that are tested: %s', (folder) => {
    const { dependencies } = manifestOf(`examples/${folder}/`)
    const texts = files.filter((file) => file.startsWith(`examples/${folder}/`)).map(read)
    const imports = texts.join('').matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)(?:\/[\w/-]+)?'/g)
    const names = [...imports].map(([, name = '']) => name)
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(names))
    // In front of an application stands the service, and the application knows nothing of it.
    const [own, path] = folder === 'edge-proxy' ? ['headgate-server', 'server'] : ['headgate', 'limiter']
    expect(dependencies[own]).toBe(`file:../../packages/${path}`)
    for (const [name, version] of Object.entries(dependencies)) {
      if (name in tested && folder !== 'next')
        expect([name, version]).toEqual([name, tested[name]?.split('.')[0]])
    }
  })
})
