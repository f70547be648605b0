import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const source = join(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>
}
const subpaths = Object.keys(manifest.exports).map((path) => path.replace('.', 'headgate'))
let project: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'headgate-pack-'))
  const packed = run('npm', ['pack', source, '--json', '--ignore-scripts'])
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))
  if (!tarball) throw new Error(`npm pack wrote no tarball: ${packed}`)
  writeFileSync(join(project, 'package.json'), '{ "private": true }')
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--legacy-peer-deps', `./${tarball}`])
}, 60_000)

afterAll(() => rmSync(project, { recursive: true }))

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: project, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

describe('the packed library', () => {
  it('installs alone, without dependencies', () => {
    const installed = readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(installed).toEqual(['headgate'])
  })

  it('holds only built files and the manifest', () => {
    const files = readdirSync(join(project, 'node_modules/headgate'), { recursive: true, encoding: 'utf8' })
    const foreign = files.filter(
      (path) => !/^(dist|package\.json|README\.md|LICENSE|CHANGELOG\.md)/.test(path),
    )
    expect(foreign).toEqual([])
    expect(files.filter((path) => /\.test\.|tsbuildinfo|[^d]\.ts$/.test(path))).toEqual([])
  })

  it.each(subpaths)('exports the same names by import and by require: %s', (subpath) => {
    const print = 'Object.keys(m).filter((k) => k !== "module.exports" && k !== "__esModule").sort().join()'
    const imported = run('node', [
      '--input-type=module',
      '-e',
      `import * as m from '${subpath}'; console.log(${print})`,
    ])
    const required = run('node', [
      '--input-type=commonjs',
      '-e',
      `const m = require('${subpath}'); console.log(${print})`,
    ])
    expect(imported.trim()).not.toBe('')
    expect(required).toBe(imported)
  })

  it('type-checks in a consumer that compiles with nodenext', () => {
    const lines = subpaths.map((subpath, index) => `export * as m${index} from '${subpath}'`)
    writeFileSync(join(project, 'consumer.mts'), lines.join('\n'))
    cpSync(join(source, '../../node_modules/@types'), join(project, 'node_modules/@types'), {
      recursive: true,
    })
    cpSync(join(source, '../../node_modules/undici-types'), join(project, 'node_modules/undici-types'), {
      recursive: true,
    })
    run('tsc', [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--types',
      'node',
      'consumer.mts',
    ])
  })
})
