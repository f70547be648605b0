import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { tokenHash } from '../../src/service/access/token-text.ts'
import { runCommand } from './run-command.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-key-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const ALL = ['--scopes', 'consume,read', '--domains', 'shop-*, "cart"', '--policies', '*', '--limit', '500/s']

describe('headgate key new', () => {
  it('prints the token, and the entry that a configuration takes', async () => {
    const { code, stdout } = await runCommand(['key', 'new', '--name', 'checkout', ...ALL])
    const [, token = '', entry = ''] =
      /^The token, .*:\n\n(hgt_\S+)\n\nBelow "tokens:" .*:\n\n([\s\S]*)$/.exec(stdout) ?? []
    expect([code, entry]).toEqual([
      0,
      `  - name: checkout
    hash: ${tokenHash(token)}
    scopes: [consume, read]
    domains: [shop-*, '"cart"']
    policies: ["*"]
    limit: 500/s
`,
    ])
    const { tokens } = parseConfig(`policies: []\ntokens:\n${entry}`, 'headgate.yaml')
    expect(tokens).toMatchObject([{ name: 'checkout', domains: ['shop-*', '"cart"'], limit: '500/s' }])
  })

  it('prints both as JSON', async () => {
    const { stdout } = await runCommand(['key', 'new', '--name', 'a', '--scopes', 'admin', '--json'])
    const { token, entry } = JSON.parse(stdout)
    expect(entry).toEqual({ name: 'a', hash: tokenHash(token), scopes: ['admin'] })
  })

  it('writes the token where nobody else reads it, prints the entry alone, and writes over nothing', async () => {
    const out = join(folder, 'checkout.token')
    const line = ['key', 'new', '--name', 'checkout', '--scopes', 'consume', '--out', out]
    const { code, stdout } = await runCommand(line)
    const token = readFileSync(out, 'utf8').trimEnd()
    expect([code, stdout]).toEqual([
      0,
      `  - name: checkout\n    hash: ${tokenHash(token)}\n    scopes: [consume]\n`,
    ])
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(await runCommand(line)).toEqual({
      code: 2,
      stdout: '',
      stderr: `${out} is there already; give --out another file\n`,
    })
  })

  it.each([
    [['--name', 'a b', '--scopes', 'read'], '--name: is not a name; use up to 64 letters, digits and . _ -'],
    [['--name', 'a', '--scopes', 'write'], '--scopes: "write" is not one of consume, adjust, read, admin'],
    [['--name', 'a', '--scopes', 'read', '--limit', 'many'], '--limit: '],
    [['--name', 'a', '--scopes', 'read', '--domains', ''], '--domains: is empty; give it a value'],
    [['--name', 'a', '--scopes', 'read', '--policies', 'x'.repeat(129)], 'has more than 128 characters'],
    [['--name', 'a', '--scopes', 'read', '--limit', '0/s'], '--limit: lets its holder never ask'],
    [['--name', 'a', '--scopes', 'read,admin,read'], '--scopes: "read" is there twice; remove one'],
  ])('refuses what a configuration would refuse: %j', async (options, message) => {
    const { code, stdout, stderr } = await runCommand(['key', 'new', ...options])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})
