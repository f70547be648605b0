import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-diff-'))
  const policies = (rest: string): string => `policies: [{ name: api, ${rest} }]`
  writeFileSync(join(folder, 'old.yaml'), policies('key: user, rules: [100/min]'))
  writeFileSync(join(folder, 'same.yaml'), `# as it was\n${policies('rules: [100/min], key: user')}`)
  writeFileSync(join(folder, 'new.yaml'), policies('key: ip, rules: [200/min]'))
  writeFileSync(join(folder, 'bad.yaml'), policies('rules: [many]'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const run = (...names: string[]) => {
  return HeadgateProcess.run([
    'diff',
    ...names.map((name) => (name === '--json' ? name : join(folder, name))),
  ])
}

describe('headgate diff', () => {
  it('ends with 0 where both say the same', async () => {
    expect(await run('old.yaml', 'same.yaml')).toEqual({
      code: 0,
      stdout: 'Both say the same.\n',
      stderr: '',
    })
  })

  it('ends with 1 where they differ, and says for whom, as text and as JSON', async () => {
    const { code, stdout } = await run('old.yaml', 'new.yaml')
    expect(code).toBe(1)
    expect(stdout).toMatch(
      /^More passes:\n {2}policies\.api\.rules\.1m: .*\n\nBudgets start anew:\n {2}policies\.api\.key: /,
    )
    const json = await run('--json', 'old.yaml', 'new.yaml')
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
      1,
      { same: false, old: { hash: expect.any(String) }, changes: [{ effect: 'fresh' }, { effect: 'more' }] },
    ])
  })

  it('ends with 2 where one has a mistake, or is not there', async () => {
    const { code, stdout, stderr } = await run('old.yaml', 'bad.yaml')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('bad.yaml:1:')
    expect((await run('none.yaml', 'old.yaml')).code).toBe(2)
  })
})
