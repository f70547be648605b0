import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseConfig } from '../../src/config/config.ts'
import { readApiKeys } from '../../src/config/proxy/read-api-keys.ts'
import { apiKeyListShape } from '../../src/config/schema/proxy-auth-shape.ts'
import { tokenHash } from '../../src/service/access/token-text.ts'
import { apiKeyIdOf } from '../../src/service/identity/api-key-text.ts'
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

describe('headgate key new --proxy', () => {
  const line = ['key', 'new', '--proxy']

  it('prints the key, and the entry that a configuration takes', async () => {
    const { code, stdout } = await runCommand([
      ...line,
      '--id',
      'shop',
      '--scopes',
      'read,a:b',
      '--expires',
      '2027-12-31',
    ])
    const [, key = '', entry = ''] =
      /^The key, .*:\n\n(hgk_shop_\S{43})\n\nBelow "keys:" .*:\n\n([\s\S]*)$/.exec(stdout) ?? []
    expect([code, entry]).toEqual([
      0,
      `  - id: shop
    hash: ${tokenHash(key)}
    scopes: [read, a:b]
    expires: 2027-12-31
`,
    ])
    const keys = apiKeyListShape.parse(parse(entry))
    expect(readApiKeys({ keys }, folder)).toMatchObject({ keys: [{ id: 'shop', scopes: ['read', 'a:b'] }] })
    expect(apiKeyIdOf(key)).toBe('shop')
  })

  it('draws an id, prints JSON, and writes the key where nobody else reads it', async () => {
    const { stdout } = await runCommand([...line, '--json'])
    const { key, entry } = JSON.parse(stdout)
    expect(entry).toEqual({ id: apiKeyIdOf(key), hash: tokenHash(key) })
    const out = join(folder, 'shop.key')
    const { stdout: kept } = await runCommand([...line, '--out', out])
    const hash = expect.stringMatching(/^sha256:[0-9a-f]{64}$/)
    expect(parse(kept)).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{10}$/), hash }])
    expect([readFileSync(out, 'utf8'), statSync(out).mode & 0o777]).toEqual([
      expect.stringMatching(/^hgk_/),
      0o600,
    ])
  })

  it.each(['8462872240', '84628722e0', '0000000000'])(
    'writes the id %s as text, and not as a number',
    async (id) => {
      const { entry, key } = JSON.parse((await runCommand([...line, '--id', id, '--json'])).stdout)
      expect([entry.id, apiKeyIdOf(key)]).toEqual([id, id])
      const { stdout } = await runCommand([...line, '--id', id])
      expect(parse(stdout.slice(stdout.indexOf('  - id:')))).toMatchObject([{ id }])
    },
  )

  it.each([
    [['--id', 'a_b'], '--id: is not an id'],
    [['--scopes', 'a b'], '--scopes: is not a scope'],
    [['--expires', 'soon'], '--expires: is not a time'],
    [['--expires', '2027-13-01'], '--expires: is a time that there is not'],
    [['--name', 'a'], '--name is for tokens of the service'],
  ])('refuses what a configuration would refuse: %j', async (options, message) => {
    const { code, stdout, stderr } = await runCommand([...line, ...options])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  it('alone has options of its own', async () => {
    expect(await runCommand(['key', 'new', '--name', 'a', '--scopes', 'read', '--id', 'b'])).toMatchObject({
      code: 2,
      stderr: '--id is for keys with --proxy\n',
    })
    expect(await runCommand(['key', 'new', '--scopes', 'read'])).toMatchObject({
      code: 2,
      stderr: 'give --name and --scopes, or --proxy\n',
    })
  })
})
