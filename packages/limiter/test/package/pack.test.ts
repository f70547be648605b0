import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PackedProject } from './packed-project.ts'

const source = join(import.meta.dirname, '../..')
const manifest = read('package.json') as {
  exports: Record<string, unknown>
  peerDependencies: Record<string, string>
}
const subpaths = Object.keys(manifest.exports).map((path) => path.replace('.', 'headgate'))
/** What runs in Workers. */
const portable = (read('tsconfig.workers.json') as { files: string[] }).files.map((file) =>
  `headgate/${basename(file, '.ts')}`.replace('/index', ''),
)
/** These call functions of their peers; the others take types alone from them. */
const callsPeers = ['headgate/grpc', 'headgate/hono', 'headgate/nest', 'headgate/trpc']
let project: PackedProject

beforeAll(() => {
  project = new PackedProject()
}, 60_000)

afterAll(() => project?.[Symbol.dispose]())

function read(name: string): unknown {
  const text = readFileSync(join(source, name), 'utf8')
  return JSON.parse(text.replace(/^ *\/\/.*$/m, ''))
}

/** Compiles a module that imports subpaths; returns what is wrong in our declarations, of which those of others may be no judge. */
function compile(name: string, imported: readonly string[], flags: readonly string[]): string[] {
  const lines = imported.map((subpath, index) => `export * as m${index} from '${subpath}'`)
  return compileLines(name, lines, flags)
}

function compileLines(name: string, lines: readonly string[], flags: readonly string[]): string[] {
  writeFileSync(join(project.folder, name), lines.join('\n'))
  const all = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', ...flags, name]
  return project
    .output('tsc', all)
    .split('\n')
    .filter((line) => /^(node_modules\/headgate\/|[\w.]+\()/.test(line))
}

function checkNames(subpath: string): void {
  const print = 'Object.keys(m).filter((k) => k !== "module.exports" && k !== "__esModule").sort().join()'
  const node = (type: string, source: string): string =>
    project.run('node', [`--input-type=${type}`, '-e', `${source}; console.log(${print})`])
  const imported = node('module', `import * as m from '${subpath}'`)
  expect(imported.trim()).not.toBe('')
  expect(node('commonjs', `const m = require('${subpath}')`)).toBe(imported)
}

describe('the packed library', () => {
  it('installs alone, without dependencies', () => {
    const installed = readdirSync(join(project.folder, 'node_modules')).filter(
      (name) => !name.startsWith('.'),
    )
    expect(installed).toEqual(['headgate'])
  })

  it('holds only built files and the manifest', () => {
    const files = readdirSync(join(project.folder, 'node_modules/headgate'), {
      recursive: true,
      encoding: 'utf8',
    })
    const foreign = files.filter(
      (path) => !/^(dist|package\.json|README\.md|LICENSE|CHANGELOG\.md)/.test(path),
    )
    expect(foreign).toEqual([])
    expect(files.filter((path) => /\.test\.|tsbuildinfo|[^d]\.ts$/.test(path))).toEqual([])
  })

  it.each(subpaths.filter((one) => !callsPeers.includes(one)))(
    'exports the same names by import and by require: %s',
    checkNames,
  )

  it('is a function with properties where the original is one by require', () => {
    const [path, other] = ['headgate/compat/express-rate-limit', 'headgate']
    const program = `const given = require('${path}')
      console.log(typeof given, given === given.rateLimit, given === given.default, typeof require('${other}'))
      import('${path}').then((imported) => console.log(imported.default === given))`
    expect(project.run('node', ['--input-type=commonjs', '-e', program])).toBe(
      'function true true object\ntrue\n',
    )
  })

  describe('beside its peers', () => {
    beforeAll(() => {
      for (const name of ['@types', ...Object.keys(manifest.peerDependencies)]) project.link(name)
    })

    it.each(callsPeers)('exports the same names by import and by require: %s', checkNames)

    it('type-checks in a Worker, without the types of Node', () => {
      expect(subpaths).toEqual(expect.arrayContaining(portable))
      const flags = ['--types', '', '--lib', 'es2024,esnext.disposable,webworker']
      expect(compile('worker.mts', portable, flags)).toEqual([])
    })

    it('type-checks in a consumer that compiles with nodenext', () => {
      expect(compile('consumer.mts', subpaths, ['--types', 'node'])).toEqual([])
      expect(compile('consumer.cts', subpaths, ['--types', 'node'])).toEqual([])
    })

    it('has the types of a function with properties by require, and those that are exported', () => {
      const lines = [
        `import rateLimit, { MemoryStore, type Options } from 'headgate/compat/express-rate-limit'`,
        `import required = require('headgate/compat/express-rate-limit')`,
        'const options: Partial<Options> = { limit: 3, store: new MemoryStore() }',
        'export const handlers = [rateLimit(options), required(options), required.rateLimit(options)]',
      ]
      expect(compileLines('required.cts', lines, ['--types', 'node'])).toEqual([])
    })
  })
})
