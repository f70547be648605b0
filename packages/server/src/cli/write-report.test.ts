import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { replay } from './replay.ts'

const LOG = '192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 1\n'
const CONFIG = 'policies: [{ name: ip, key: ip, rules: [2/min] }]\n'

let folder: string
const at = (name: string): string => join(folder, name)

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  folder = mkdtempSync(join(tmpdir(), 'headgate-report-'))
  writeFileSync(at('access.log'), LOG)
  for (const name of ['new.yaml', 'old.yaml']) writeFileSync(at(name), CONFIG)
  writeFileSync(at('notes.txt'), 'mine')
  mkdirSync(at('folder'))
  symlinkSync('access.log', at('link.html'))
  linkSync(at('new.yaml'), at('hard.html'))
  symlinkSync('folder', at('same'))
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

function run(html: string, force: boolean): Promise<number> {
  const typed = { config: at('new.yaml'), against: at('old.yaml'), html, force, json: true, sweep: false }
  return replay([at('access.log')], typed, {})
}

const unchanged = (): string[] =>
  ['access.log', 'new.yaml', 'old.yaml', 'notes.txt'].map((name) => readFileSync(at(name), 'utf8'))

describe('the page of a replay', () => {
  it.each([
    'access.log',
    'new.yaml',
    'old.yaml',
    './folder/../access.log',
    'same/../access.log',
    'link.html',
    'hard.html',
  ])('is never written over what is read, as by %s, not by --force either', async (name) => {
    for (const html of [`${folder}/${name}`, relative(process.cwd(), `${folder}/${name}`)]) {
      await expect(run(html, true)).rejects.toThrow(/is what is read as/)
    }
    expect(unchanged()).toEqual([LOG, CONFIG, CONFIG, 'mine'])
  })

  it('is written over another file by --force alone', async () => {
    await expect(run(at('notes.txt'), false)).rejects.toThrow(/notes\.txt is there; --force writes over it/)
    expect(readFileSync(at('notes.txt'), 'utf8')).toBe('mine')
    expect(await run(at('notes.txt'), true)).toBe(0)
    expect(readFileSync(at('notes.txt'), 'utf8')).toMatch(/^<!doctype html>/)
  })

  it.each([
    ['none/report.html', /none is no folder that can be written to/],
    ['access.log/report.html', /access\.log is no folder that can be written to/],
    ['folder', /folder is no regular file/],
  ])('is refused as %s before the log is opened', async (name, message) => {
    const typed = { config: at('new.yaml'), html: at(name), force: true }
    await expect(replay([at('no.log')], typed, {})).rejects.toThrow(message)
  })
})
