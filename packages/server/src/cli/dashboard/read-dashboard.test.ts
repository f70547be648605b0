import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDashboard } from './read-dashboard.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-dashboard-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

describe('readDashboard', () => {
  it('is null where nothing was built', () => {
    write('assets/app.js', '1')
    expect(readDashboard(folder)).toBeNull()
    expect(readDashboard(join(folder, 'nowhere'))).toBeNull()
  })

  it('reads the page and its files once, whatever becomes of them', () => {
    write('index.html', 'page')
    write('assets/app-1.js', 'script')
    write('assets/app-1.css', 'style')
    const read = readDashboard(folder)
    write('index.html', 'another')
    expect(String(read?.index)).toBe('page')
    expect([...(read?.assets ?? [])].map(([name, { type, bytes }]) => [name, type, String(bytes)])).toEqual([
      ['app-1.css', 'text/css; charset=utf-8', 'style'],
      ['app-1.js', 'text/javascript; charset=utf-8', 'script'],
    ])
  })

  it('takes files of known kinds alone, and nothing beside or below them', () => {
    write('index.html', 'page')
    write('secret.js', 'beside')
    write('assets/app.js.map', '{}')
    write('assets/page.html', 'page')
    write('assets/.env', 'A=1')
    write('assets/inner.js/x.js', 'below')
    symlinkSync(join(folder, 'nowhere'), join(folder, 'assets/gone.js'))
    expect([...(readDashboard(folder)?.assets.keys() ?? [])]).toEqual([])
  })
})
