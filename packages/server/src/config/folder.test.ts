import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadgateError } from 'headgate'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'
import { rejectionOf } from './rejection.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-folder-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(files: Record<string, string>, into: string = folder): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(into, name), text)
}

const names = async () => (await loadConfig(folder)).policies.map(({ name }) => name)
const policy = (name: string): string => `policies: [{ name: ${name}, rules: [1/s] }]`

async function mistakes(files: Record<string, string>): Promise<string> {
  write(files)
  const reason = await loadConfig(folder).catch(HeadgateError.from)
  return HeadgateError.is(reason) ? reason.message.replaceAll(`${folder}/`, '') : 'is valid'
}

describe('a folder as configuration', () => {
  it('has the policies of all files in the order of their names, and one main part', async () => {
    write({
      'b.yml': policy('b'),
      'a.yaml': `version: 1\nstore: { url: "redis://a" }\n${policy('a')}`,
      'c.json': '{\n\t"policies": [{ "name": "c", "rules": ["1/s"] }],\n\t"version": 1\n}',
      'notes.md': '- not: [yaml',
    })
    const { stores, policies } = await loadConfig(folder)
    expect([stores['main']?.url, policies.map(({ name }) => name)]).toEqual(['redis://a', ['a', 'b', 'c']])
  })

  it('may be a ConfigMap that is mounted, of which nothing is read twice', async () => {
    mkdirSync(join(folder, '..2026_01'))
    write({ 'a.yaml': policy('a'), 'b.yaml': policy('b') }, join(folder, '..2026_01'))
    symlinkSync('..2026_01', join(folder, '..data'))
    for (const name of ['a.yaml', 'b.yaml']) symlinkSync(`..data/${name}`, join(folder, name))
    expect(await names()).toEqual(['a', 'b'])
    mkdirSync(join(folder, '..2026_02'))
    write({ 'a.yaml': policy('a2'), 'b.yaml': policy('b2') }, join(folder, '..2026_02'))
    symlinkSync('..2026_02', join(folder, '..tmp'))
    renameSync(join(folder, '..tmp'), join(folder, '..data'))
    expect(await names()).toEqual(['a2', 'b2'])
  })

  it('has no files of editors, and none in folders of it', async () => {
    mkdirSync(join(folder, 'd.yaml'))
    write({
      'a.yaml': policy('a'),
      '.a.yaml': 'x',
      '.a.yaml.swp': 'x',
      'a.yaml~': 'x',
      '#a.yaml#': 'x',
      'a.schema.json': 'x',
    })
    expect(await names()).toEqual(['a'])
  })

  it.each([
    ['none', { 'a.txt': '' }, / has no configuration; put \*\.yaml, \*\.yml or \*\.json there$/],
    [
      'one policy in two files',
      { 'a.yaml': policy('a'), 'b.yaml': `# more\n${policy('a')}` },
      /^b\.yaml:2:14 policies\[0\]\.name: two policies are named "a"/,
    ],
    [
      'two main parts',
      { 'a.yaml': 'store: { url: memory }', 'b.yaml': `store: { url: memory }\n${policy('a')}` },
      /^b\.yaml:1:1 store: "store" stands in a\.yaml too; say it in one file$/,
    ],
    [
      'another version',
      { 'a.yaml': 'version: 1', 'b.yaml': `version: 2\n${policy('a')}` },
      /^b\.yaml:1:1 version/,
    ],
    ['no policies', { 'a.yaml': 'version: 1' }, /^a\.yaml:1:1 policies: is missing$/],
    [
      'policies that are no list',
      { 'a.yaml': policy('a'), 'b.yaml': 'policies: {}' },
      /^b\.yaml:1:1 policies/,
    ],
    [
      'half a file',
      { 'a.yaml': policy('a'), 'b.yaml': policy('b').slice(0, 30) },
      /^b\.yaml:1:\d+ not valid YAML/,
    ],
    ['an empty file', { 'a.yaml': policy('a'), 'b.yaml': '' }, /^b\.yaml:1:1 the file is empty/],
    [
      'mistakes in all',
      { 'a.yaml': policy('a').replace('rules', 'rulse'), 'b.yaml': policy('b').replace('1/s', 'x') },
      /^a\.yaml:1:12 policies\[0\]\.rules: is missing\na\.yaml:1:23 policies\[0\]\.rulse: unknown key/,
    ],
    ['texts that cannot be read', { 'a.yaml': '\t', 'b.yaml': '\t' }, /^a\.yaml:.*\nb\.yaml:/],
    [
      'an unset variable',
      { 'a.yaml': policy('a'), 'b.yaml': policy('"${B}"') },
      /^b\.yaml:1:14 policies\[0\]\.name: the/,
    ],
  ])('with %s is refused, and the file is named', async (_, files, message) => {
    expect(await mistakes(files)).toMatch(message)
  })

  it('is refused where it is too large', async () => {
    const text = `# ${'x'.repeat(1_000_000)}\n`
    const files = Array.from({ length: 5 }, (_, i) => [`${i}.yaml`, text])
    expect(await mistakes(Object.fromEntries(files))).toContain('is larger than 4 MiB in all')
  })

  it('has a hash that is that of its files by name, wherever it is', async () => {
    const files = { 'a.yaml': policy('a'), 'b.yaml': policy('b') }
    write(files)
    const { hash } = await loadConfig(folder)
    const other = mkdtempSync(join(tmpdir(), 'headgate-folder-'))
    write(files, other)
    expect((await loadConfig(other)).hash).toBe(hash)
    renameSync(join(other, 'b.yaml'), join(other, 'c.yaml'))
    expect((await loadConfig(other)).hash).not.toBe(hash)
    rmSync(other, { recursive: true })
  })

  it('says in a rejection which file is wrong', async () => {
    write({ 'a.yaml': policy('a'), 'b.yaml': policy('b').replace('1/s', 'x') })
    const reason = await loadConfig(folder).catch((error: unknown) => error)
    expect(rejectionOf(reason, folder)).toMatchObject({
      file: 'b.yaml',
      line: 1,
      path: 'policies[0].rules[0].limit',
    })
  })
})
