import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readDocuments, root } from './documents.ts'

const files = globSync('examples/*/*.ts', { cwd: root }).sort()
const folders = globSync('examples/*/package.json', { cwd: root }).map((path) => path.split('/')[1] ?? '')
const documents = readDocuments()
const shown = documents.flatMap(({ path, blocks }) =>
  path.startsWith('docs/guide/') ? blocks.map(({ text, flags }) => ({ path, text: `${text}\n`, flags })) : [],
)

interface Manifest {
  readonly dependencies: Record<string, string>
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const installed = (
  JSON.parse(read('packages/limiter/package.json')) as { devDependencies: Record<string, string> }
).devDependencies

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
    const folder = file.split('/').slice(0, -1).join('/')
    expect(read(page?.path ?? '')).toContain(`](../../${folder})`)
    expect(read(`${folder}/README.md`)).toContain(`](../../${page?.path})`)
  })

  it.each(folders)('names the packages that it imports, in versions that are tested: %s', (folder) => {
    const { dependencies } = JSON.parse(read(`examples/${folder}/package.json`)) as Manifest
    const [text = ''] = globSync(`examples/${folder}/*.ts`, { cwd: root }).map(read)
    const imports = [...text.matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)(?:\/[\w-]+)?'/g)].map(
      ([, name = '']) => name,
    )
    expect(Object.keys(dependencies).sort()).toEqual([...new Set(imports)].sort())
    for (const [name, version] of Object.entries(dependencies)) {
      expect(version).toBe(name === 'headgate' ? 'latest' : installed[name]?.split('.')[0])
    }
  })
})
