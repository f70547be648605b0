import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

const BINARY = join(import.meta.dirname, '../../dist/cli/main.js')

describe('headgate --help', () => {
  it('has every command on one screen of 24 lines and 80 columns', async () => {
    const { code, stdout } = await HeadgateProcess.run(['--help'])
    const lines = stdout.trimEnd().split('\n')
    expect(code).toBe(0)
    expect(lines.length).toBeLessThan(24)
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
    const names = stdout
      .split('\n')
      .flatMap((line) => /^ {2}(\S+(?:, \S+)*) {2}/.exec(line)?.[1]?.split(', ') ?? [])
    expect(names).toEqual(expect.arrayContaining(['serve', 'consume', 'peek', 'unblock', 'watch', 'key']))
    expect(names.length).toBeGreaterThanOrEqual(17)
  })
})

describe('standard output', () => {
  it.skipIf(!existsSync('/dev/full'))(
    'that takes nothing is a failure (skipped where there is no /dev/full)',
    () => {
      const line = `"$0" "$1" key new --name a --scopes read > /dev/full`
      const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, BINARY], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/^Standard output cannot be written \(ENOSPC\)/),
      ])
    },
  )
})

describe('help', () => {
  it('ends in silence where its reader has enough', () => {
    const line = `"$0" "$1" serve --help | true`
    const { status, stderr } = spawnSync('sh', ['-c', line, process.execPath, BINARY], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})

describe('a command against a service', () => {
  it('ends with a code that scripts can go by: 0 yes, 1 no, 2 wrong usage, 4 no answer', async () => {
    await using headgate = await HeadgateProcess.serve()
    const env = { HEADGATE_URL: headgate.url }
    const block = ['block', 'user=alice', '--for', '10m']
    const codes: Record<string, number | null> = {}
    for (const [name, line] of Object.entries({
      yes: block,
      no: ['peek', 'user=alice', 'path=/v2/x', 'role=premium', 'method=POST', 'domain=api'],
      'wrong usage': ['consume', 'user='],
    })) {
      codes[name] = (await HeadgateProcess.run(line, env)).code
    }
    await headgate.stop()
    codes['no answer'] = (await HeadgateProcess.run(block, env)).code
    expect(codes).toEqual({ yes: 0, no: 1, 'wrong usage': 2, 'no answer': 4 })
  })
})
