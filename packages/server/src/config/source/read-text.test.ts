import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig } from '../config.ts'
import { readText } from './read-text.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-config-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, bytes: string | Buffer): string {
  const file = join(folder, name)
  writeFileSync(file, bytes)
  return file
}

describe('a configuration file', () => {
  it('is read as UTF-8', async () => {
    expect(await readText(written('ok.yaml', 'a: é\n'))).toBe('a: é\n')
  })

  it.each([
    ['a missing file', () => join(folder, 'missing.yaml'), 'does not exist; check --config'],
    ['a file of 50 MB', () => huge(), 'is larger than 1 MiB'],
    ['a device without end', () => '/dev/zero', 'is larger than 1 MiB'],
    ['UTF-16', () => written('utf16.yaml', Buffer.from('\uFEFFa: 1', 'utf16le')), 'is not UTF-8 text'],
    [
      'a byte order mark',
      () => written('bom.yaml', '\uFEFFpolicies: []\n'),
      ':1:1 the file begins with a byte order mark',
    ],
    ['an empty file', () => written('empty.yaml', ''), ':1:1 the file is empty'],
    ['a file below a file', () => join(written('plain', ''), 'x'), 'cannot be read (ENOTDIR)'],
  ])('%s is refused by name', async (_, make, message) => {
    const file = make()
    await expect(loadConfig(file)).rejects.toMatchObject({ code: 'invalid-config' })
    await expect(loadConfig(file)).rejects.toThrow(`${file}${message.startsWith(':') ? '' : ' '}${message}`)
  })
})

function huge(): string {
  const file = written('huge.yaml', '')
  truncateSync(file, 50_000_000)
  return file
}
