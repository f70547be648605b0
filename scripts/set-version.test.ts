import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setVersion } from './set-version.ts'

const manifests = [
  'package.json',
  'bench/package.json',
  'packages/limiter/package.json',
  'packages/server/package.json',
]
const texts = [
  'charts/headgate/Chart.yaml',
  'deploy/kubernetes/base/kustomization.yaml',
  'deploy/kubernetes/components/sidecar/kustomization.yaml',
  'docs/operations/deploying.md',
]
const files = [...manifests, 'package-lock.json', ...texts]
const ready = '# Changelog\n\n## [Unreleased]\n\n## [7.8.9] - 2030-01-02\n\n### Added\n\n- Something.\n'
let copy: string

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'headgate-version-'))
  for (const path of files) {
    mkdirSync(join(copy, dirname(path)), { recursive: true })
    cpSync(path, join(copy, path))
  }
})

afterEach(() => rmSync(copy, { recursive: true }))

function changelog(text: string): void {
  writeFileSync(join(copy, 'CHANGELOG.md'), text)
}

function versionOf(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8')).version
}

describe('a new version', () => {
  it('is that of all packages, and of what they want of each other, and changes nothing else', () => {
    changelog(ready)
    const before = String(versionOf('package.json'))
    expect(setVersion(copy, '7.8.9').sort()).toEqual([...files].sort())
    for (const path of manifests) {
      const ours = new RegExp(`("version"|"headgate"): "${before.replaceAll('.', '\\.')}"`, 'g')
      const expected = readFileSync(path, 'utf8').replace(ours, '$1: "7.8.9"')
      expect(readFileSync(join(copy, path), 'utf8'), path).toBe(expected)
    }
    for (const path of texts) {
      const expected = readFileSync(path, 'utf8').replaceAll(before, '7.8.9')
      expect(readFileSync(join(copy, path), 'utf8'), path).toBe(expected)
      expect(expected, path).toContain('7.8.9')
    }
    const lock = JSON.parse(readFileSync(join(copy, 'package-lock.json'), 'utf8'))
    for (const folder of ['', 'bench', 'packages/limiter', 'packages/server']) {
      expect(lock.packages[folder].version, folder).toBe('7.8.9')
    }
    expect(lock.version).toBe('7.8.9')
    expect(lock.packages['packages/server'].dependencies.headgate).toBe('7.8.9')
    expect(lock.packages['node_modules/vitest']).toEqual(
      JSON.parse(readFileSync('package-lock.json', 'utf8')).packages['node_modules/vitest'],
    )
  })

  it.each([
    ['', ready, 'is no version: name one'],
    ['v7.8.9', ready, 'is no version: name one'],
    ['7.9.0', ready, "has no section '## [7.9.0] - YYYY-MM-DD'"],
    ['7.8.9', ready.replace('## [7', '- Later.\n\n## [7'), 'still has lines under Unreleased'],
  ])('of %j is refused while something is missing, and nothing is written', (version, text, why) => {
    changelog(text)
    expect(() => setVersion(copy, version)).toThrow(why)
    for (const path of files) expect(readFileSync(join(copy, path), 'utf8')).toBe(readFileSync(path, 'utf8'))
  })
})

describe('the packages', () => {
  it('share one version', () => {
    expect(new Set([...manifests, 'package-lock.json'].map(versionOf)).size).toBe(1)
  })
})
