import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadgateError } from 'headgate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Configuration, Rejection } from '../service/configuration.ts'
import { loadConfig, parseConfig } from './config.ts'
import { Reloader } from './reloader.ts'
import type { Replacements } from './replaced.ts'

const first = "policies: [{ name: api, key: user, rules: ['1/h'] }]"
const second = "policies: [{ name: api, key: user, rules: ['2/h'] }]"
const several = (rest: string): string =>
  `stores: { main: { url: memory }, audit: { url: memory } }\npolicies: [${rest}]`

let folder: string
let file: string
let heard: (Configuration | Rejection)[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-reload-'))
  file = join(folder, 'headgate.yaml')
  heard = []
})

afterEach(() => rmSync(folder, { recursive: true }))

function started(text: string, replacements: Replacements = {}): Reloader {
  return new Reloader({
    config: parseConfig(text, file, { replacements }),
    target: { apply: (next) => heard.push(next), reject: (why) => heard.push(why) },
    replacements,
  })
}

async function read(reloader: Reloader, text: string): Promise<unknown> {
  writeFileSync(file, text)
  await reloader.reload()
  return heard.at(-1)
}

describe('Reloader', () => {
  it('puts another file in force', async () => {
    const reloader = started(first)
    expect(await read(reloader, second)).toMatchObject({ policies: [{ name: 'api', rules: ['2/h'] }] })
  })

  it('does nothing about a text that it has read already, good or bad', async () => {
    const reloader = started(first)
    for (const text of [first, second, second, 'bad', 'bad', first]) await read(reloader, text)
    expect(heard.map((one) => ('hash' in one ? one.policies[0]?.rules : one.message))).toEqual([
      ['2/h'],
      'the file is not a map; begin with "version: 1" and "policies:"',
      ['1/h'],
    ])
  })

  it('says that another tls takes a restart, and puts the rest in force without looking at its files', async () => {
    const reloader = started(first)
    const tls = (cert: string): string => `tls: { certFile: ${cert}, keyFile: nowhere.key }\n${second}`
    expect(await read(reloader, tls('nowhere.crt'))).toMatchObject({
      policies: [{ rules: ['2/h'] }],
      notInForce: [
        { path: 'tls', message: 'tls has changed, which takes a restart; until then the old value holds' },
      ],
    })
    expect(heard.at(-1)).not.toHaveProperty('tls')
    expect(await read(started(tls('./nowhere.crt')), tls('nowhere.crt'))).toMatchObject({ notInForce: [] })
  })

  it('puts other keys and users of files in force, which the configuration names', async () => {
    const line = (digit: string): string => `- { id: a, hash: "sha256:${digit.repeat(64)}" }`
    const withKeys = `${first}\nproxy: { upstream: http://127.0.0.1:1, apiKeys: { keysFile: keys } }`
    writeFileSync(join(folder, 'keys'), line('a'))
    const reloader = started(withKeys)
    writeFileSync(file, withKeys)
    const written: string[] = []
    for (const text of [line('a'), line('b'), line('b'), 'secret', 'secret', line('b'), line('c')]) {
      writeFileSync(join(folder, 'keys'), text)
      const before = heard.length
      await reloader.reload()
      const one = heard.length === before ? null : heard.at(-1)
      const key = one && 'hash' in one ? one.proxy?.auth.apiKeys?.keys[0]?.hash[0] : one?.path
      written.push(key ?? 'nothing')
    }
    // Whoever hears of the same mistake again says nothing.
    const mistake = 'proxy.apiKeys.keysFile'
    expect(written).toEqual(['nothing', 'b', 'nothing', mistake, mistake, 'b', 'c'])
    const hashes = heard.flatMap((one) => ('hash' in one ? [one.hash] : []))
    expect(new Set(hashes).size).toBe(2)
  })

  it('reads once more for all who ask while it reads', async () => {
    const reloader = started(first)
    writeFileSync(file, second)
    const asked = [reloader.reload(), reloader.reload(), reloader.reload()]
    await Promise.all(asked)
    expect(heard).toHaveLength(1)
    expect(await read(reloader, first)).toMatchObject({ policies: [{ rules: ['1/h'] }] })
  })

  it.each([
    ['an empty file', '', { path: '', line: 1, column: 1, message: expect.stringContaining('empty') }],
    ['half a file', second.slice(0, 30), { path: '', message: expect.stringContaining('not valid YAML') }],
    [
      'a wrong limit',
      'policies:\n  - { name: api, key: user, rules: [many] }\n  - { name: b, key: user, rules: [few] }',
      { path: 'policies[0].rules[0].limit', line: 2, more: 1 },
    ],
  ])('rejects %s, and says where it is wrong', async (_, text, rejection) => {
    expect(await read(started(first), text)).toMatchObject(rejection)
  })

  it('rejects a file that is missing, and takes it when it is back', async () => {
    const reloader = started(first)
    await reloader.reload()
    const message = 'the file does not exist; check --config'
    expect(heard).toEqual([{ file: null, path: '', line: null, column: null, message, more: 0 }])
    expect(await read(reloader, first)).toMatchObject({ policies: [{ rules: ['1/h'] }] })
  })

  it('rejects what is no regular file: with a pipe it would wait for the writer', async () => {
    symlinkSync('/dev/null', file)
    await started(first).reload()
    expect(heard).toMatchObject([{ message: expect.stringContaining('is not a regular file') }])
  })

  it('rejects what is wrong for how it was started, and takes what is right for it', async () => {
    const reloader = new Reloader({
      config: parseConfig(first, file),
      target: { apply: (next) => heard.push(next), reject: (why) => heard.push(why) },
      fits: ({ tokens }) => {
        if (tokens === undefined) throw new HeadgateError('invalid-options', 'without tokens that is open')
      },
    })
    expect(await read(reloader, second)).toMatchObject({ message: 'without tokens that is open', line: null })
    const tokens = `tokens: [{ name: ops, hash: "sha256:${'0'.repeat(64)}", scopes: [admin] }]`
    expect(await read(reloader, `${tokens}\n${second}`)).toMatchObject({ policies: [{ rules: ['2/h'] }] })
  })

  it('puts nothing in force once it is closed', async () => {
    const reloader = started(first)
    writeFileSync(file, second)
    const reading = reloader.reload()
    reloader.close()
    await reading
    expect(heard).toEqual([])
  })

  it('follows the symbolic links of a ConfigMap', async () => {
    for (const [version, text] of Object.entries({ v1: first, v2: second })) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'headgate.yaml'), text)
    }
    symlinkSync('v1', join(folder, '..data'))
    symlinkSync('..data/headgate.yaml', file)
    const reloader = started(first)
    symlinkSync('v2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await reloader.reload()
    expect(heard).toMatchObject([{ policies: [{ rules: ['2/h'] }] }])
  })
})

describe('Reloader and variables', () => {
  const text = "policies: [{ name: api, key: user, rules: ['${LIMIT}'] }]"

  it('reads a secret again that has changed, though the text has not', async () => {
    const env = { LIMIT_FILE: join(folder, 'limit') }
    writeFileSync(env.LIMIT_FILE, '1/h\n')
    writeFileSync(file, text)
    const config = await loadConfig(file, { env })
    const target = { apply: heard.push.bind(heard), reject: heard.push.bind(heard) }
    const reloader = new Reloader({ config, target, env })
    await reloader.reload()
    expect(heard).toEqual([])
    writeFileSync(env.LIMIT_FILE, '2/h\n')
    await reloader.reload()
    expect(heard).toMatchObject([{ policies: [{ rules: ['2/h'] }] }])
    expect(heard).not.toMatchObject([{ hash: config.hash }])
    rmSync(env.LIMIT_FILE)
    await reloader.reload()
    expect(heard.at(-1)).toMatchObject({
      path: 'policies[0].rules[0]',
      message: expect.stringContaining('the file of LIMIT_FILE: '),
    })
  })
})

describe('Reloader and the stores', () => {
  it('names what takes a restart, and applies the policies', async () => {
    const store =
      '{ url: "redis://u:s3cret@other:1", prefix: b, deadline: 1s, onStoreError: open, replicas: 3 }'
    const next = await read(started(first), `store: ${store}\n${second}`)
    const paths = ['url', 'prefix', 'deadline', 'onStoreError', 'replicas'].map((field) => `store.${field}`)
    expect(next).toMatchObject({ policies: [{ rules: ['2/h'] }] })
    expect((next as Configuration).notInForce).toEqual(
      paths.map((path) => ({ path, message: expect.stringMatching(`^${path} has changed.* restart`) })),
    )
    expect(JSON.stringify(next)).not.toContain('s3cret')
  })

  it('does not name what the command line says in its place', async () => {
    const replacements: Replacements = { store: 'memory', onStoreError: 'closed' }
    const other = `store: { url: "redis://other:1", onStoreError: open }\n${second}`
    expect(await read(started(first, replacements), other)).toMatchObject({ notInForce: [] })
  })

  it('rejects several stores where the command line has one in place of them', async () => {
    const next = await read(started(first, { store: 'memory' }), several(''))
    expect(next).toMatchObject({ line: null, message: expect.stringContaining('the file has several') })
  })

  it('warns of a store that is not open, and rejects a policy that names it', async () => {
    const reloader = started(first)
    const api = '{ name: api, key: user, rules: [2/h], store: main }'
    const next = await read(reloader, several(api))
    expect(next).toMatchObject({ notInForce: [{ path: 'stores.audit' }] })
    expect((next as Configuration).policies).toEqual([{ name: 'api', key: 'user', rules: ['2/h'] }])
    const trail = '{ name: trail, key: user, rules: [2/h], store: audit }'
    expect(await read(reloader, several(`${api}, ${trail}`))).toMatchObject({
      path: 'policies[1].store',
      line: 2,
      message: 'store "audit" is not open; a restart opens it',
    })
  })

  it('keeps the stores of policies where several are open', async () => {
    const trail = (limit: string): string => `{ name: trail, key: user, rules: [${limit}], store: audit }`
    const reloader = started(several(trail('1/h')))
    expect(await read(reloader, several(trail('2/h')))).toMatchObject({
      policies: [{ rules: ['2/h'], store: 'audit' }],
      notInForce: [],
    })
    expect(await read(reloader, second)).toMatchObject({ notInForce: [{ path: 'stores.audit' }] })
  })
})
