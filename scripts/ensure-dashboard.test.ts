import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const PAGE = 'packages/dashboard/dist/index.html'
/** Leaves what a build of ours leaves, and a trace of each run. */
const BUILD = 'mkdir -p dist && echo page > dist/index.html && echo built >> runs'

let clone = ''

/** As much of a clone as the scripts look at. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'headgate-clone-'))
  for (const folder of ['scripts', 'packages/dashboard', 'packages/server']) {
    mkdirSync(join(clone, folder), { recursive: true })
  }
  for (const name of ['build-dashboard.ts', 'ensure-dashboard.ts', 'pack-dashboard.ts']) {
    cpSync(join(import.meta.dirname, name), join(clone, 'scripts', name))
  }
})

afterEach(() => rmSync(clone, { recursive: true }))

function run(
  script: string,
  build: string,
  ...args: readonly string[]
): { status: number | null; stderr: string } {
  writeFileSync(join(clone, 'packages/dashboard/package.json'), JSON.stringify({ scripts: { build } }))
  return spawnSync(process.execPath, [join(clone, 'scripts', script), ...args], { encoding: 'utf8' })
}

const has = (path: string): boolean => existsSync(join(clone, path))

describe('ensure-dashboard', () => {
  it('builds the dashboard where it is missing, and leaves one that is there', () => {
    expect(run('ensure-dashboard.ts', BUILD).status).toBe(0)
    expect(has(PAGE)).toBe(true)
    expect(run('ensure-dashboard.ts', BUILD)).toMatchObject({ status: 0, stderr: '' })
    expect(readFileSync(join(clone, 'packages/dashboard/runs'), 'utf8')).toBe('built\n')
  })

  it('stops nothing where the build fails, and says why', () => {
    const { status, stderr } = run('ensure-dashboard.ts', `${BUILD}; echo no such module >&2; exit 1`)
    expect([status, has(PAGE)]).toEqual([0, false])
    expect(stderr).toMatch(/warning: there is no dashboard, since it could not be built: no such module/)
  })
})

describe('pack-dashboard', () => {
  it('copies a new build, and takes it away again', () => {
    mkdirSync(join(clone, PAGE, '..'))
    writeFileSync(join(clone, PAGE), 'an old page')
    expect(run('pack-dashboard.ts', BUILD).status).toBe(0)
    expect(readFileSync(join(clone, 'packages/server/dashboard/index.html'), 'utf8')).toBe('page\n')
    expect(run('pack-dashboard.ts', BUILD, '--remove').status).toBe(0)
    expect(has('packages/server/dashboard')).toBe(false)
    expect(has(PAGE)).toBe(true)
  })

  it('fails where the build does, and leaves no copy of another one', () => {
    mkdirSync(join(clone, 'packages/server/dashboard'))
    const { status, stderr } = run('pack-dashboard.ts', 'true')
    expect([status, has('packages/server/dashboard')]).toEqual([1, false])
    expect(stderr).toContain('the dashboard could not be built: its build ended with 0, and without a page')
  })
})
