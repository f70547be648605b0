import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Configuration } from '../service/configuration.ts'
import { type Config, parseConfig } from './config.ts'
import { Reloader } from './reloader.ts'

const SECRET = 'not-to-be-repeated-in-any-message'
const folder = mkdtempSync(join(tmpdir(), 'headgate-hash-keys-'))
const file = join(folder, 'headgate.yaml')

beforeAll(() => {
  const files = {
    'a.secret': SECRET,
    'line.secret': `${SECRET}\n`,
    'windows.secret': `${SECRET}\r\n`,
    'other.secret': `${SECRET}.`,
    'short.secret': `${SECRET.slice(0, 31)}\n\n`.slice(0, 32),
    'binary.secret': Buffer.alloc(32, 0xff),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
})
afterAll(() => rmSync(folder, { recursive: true }))

function parse(hashKeys: unknown): Config {
  return parseConfig(textOf(hashKeys), file)
}

function textOf(hashKeys?: unknown): string {
  return JSON.stringify({ policies: [], ...(hashKeys !== undefined && { hashKeys }) })
}

const secretOf = (name: string): Buffer | undefined => parse({ secretFile: name }).hashKeys?.secret.export()

describe('hashKeys', () => {
  it('has the secret of a file beside the configuration, without the end of its line', () => {
    for (const name of ['a.secret', 'line.secret', 'windows.secret', join(folder, 'a.secret')]) {
      expect(secretOf(name)?.toString()).toBe(SECRET)
    }
    expect(secretOf('binary.secret')).toEqual(Buffer.alloc(32, 0xff))
    expect(parse(undefined).hashKeys).toBeUndefined()
  })

  it('keeps the secret out of what is printed or made to JSON', () => {
    const { hashKeys } = parse({ secretFile: 'a.secret' })
    expect(inspect(hashKeys, { depth: 9 }) + JSON.stringify(hashKeys)).not.toContain(SECRET.slice(0, 8))
  })

  it.each<[string, unknown, string]>([
    ['a missing file', { secretFile: 'nothing' }, 'hashKeys.secretFile: cannot be read'],
    ['a device', { secretFile: '/dev/null' }, 'hashKeys.secretFile: cannot be read as a file'],
    ['a folder', { secretFile: '.' }, 'hashKeys.secretFile: cannot be read as a file'],
    ['a short secret', { secretFile: 'short.secret' }, 'holds less than the 32 bytes of a secret'],
    ['no file', {}, 'hashKeys.secretFile: is missing'],
    ['true', true, 'hashKeys: is no map; name the file of the secret'],
    ['a secret in the file', { secret: SECRET }, 'unknown key "secret"'],
  ])('refuses %s, and repeats no secret', (_, given, message) => {
    expect(() => parse(given)).toThrow(message)
    expect(() => parse(given)).not.toThrow(SECRET.slice(0, 8))
  })
})

describe('a change of hashKeys', () => {
  const a = { secretFile: 'a.secret' }

  it.each<[string, unknown, unknown, readonly string[]]>([
    ['the same secret in another file', a, { secretFile: 'line.secret' }, []],
    ['another secret', a, { secretFile: 'other.secret' }, ['hashKeys']],
    ['none any more', a, undefined, ['hashKeys']],
    ['the first one', undefined, a, ['hashKeys']],
  ])('takes a restart: %s', async (_, before, after, paths) => {
    const started = parse(before)
    const heard: Configuration[] = []
    const target = { apply: (next: Configuration) => heard.push(next), reject: () => {} }
    const reloader = new Reloader({ config: started, target })
    writeFileSync(file, textOf(after))
    await reloader.reload()
    expect(heard[0]?.notInForce.map(({ path }) => path)).toEqual(paths)
    expect(heard[0]?.hashKeys?.secret.export()).toEqual(started.hashKeys?.secret.export())
  })
})
