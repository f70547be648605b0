import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-convert-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]) => new HeadgateProcess(['convert', ...args], {}, { folder }).ended()
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
const limit = 'rate_limit: { unit: day, requests_per_unit: 1 }'

describe('headgate convert', () => {
  it('writes what check takes, and never over a file', async () => {
    write('a.yaml', `domain: a\ndescriptors: [{ key: user, ${limit} }]\n`)
    write('b.json', '{ "domains": [] }')
    const { code, stdout, stderr } = await run('a.yaml', 'b.json', '--out', 'ours.yaml')
    expect([code, stderr, stdout]).toEqual([
      0,
      '',
      'ours.yaml is written; policies: 2. Next: headgate check ours.yaml\n',
    ])
    const checked = await new HeadgateProcess(['check', 'ours.yaml'], {}, { folder }).ended()
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('policies: 2') })
    const again = await run('a.yaml', '-o', 'ours.yaml')
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('ours.yaml is there; remove it')])
    expect(readFileSync(join(folder, 'ours.yaml'), 'utf8')).toContain('limitr-default')
  })

  it('leaves a file alone that is ours already', async () => {
    write('a.yaml', `domain: a\ndescriptors: [{ key: user, ${limit} }]\n`)
    write('store.yaml', 'version: 1\nstore: { url: memory }\npolicies: []\n')
    const { code, stdout, stderr } = await run('.')
    expect([code, stderr]).toEqual([0, 'store.yaml is ours already, and left as it is: keep it beside\n'])
    expect(stdout).toContain('name: a.user')
    expect((await run('store.yaml')).code).toBe(2)
  })

  it('exits by 3 where ours cannot say all of it, and tells what', async () => {
    write('a.yaml', `domain: a\ndescriptors:\n  - { key: user, quota_mode: true, ${limit} }\n`)
    const text = await run('a.yaml')
    expect([text.code, text.stdout]).toEqual([3, expect.stringContaining('\nversion: 1\n')])
    expect(text.stderr).toContain('a.yaml:3:18 descriptors[0].quota_mode: denies by itself here')
    const json = await run('a.yaml', '--json')
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      3,
      {
        out: null,
        policies: 1,
        skipped: [],
        text: text.stdout,
        notes: [
          {
            file: 'a.yaml',
            line: 3,
            column: 18,
            path: 'descriptors[0].quota_mode',
            message: expect.any(String),
          },
        ],
      },
    ])
    expect((await run('missing.yaml')).code).toBe(2)
  })
})
