import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readVariables } from './read-variables.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-secrets-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function secret(bytes: string | Buffer): string {
  const file = join(folder, 'secret')
  writeFileSync(file, bytes)
  return file
}

async function read(env: Record<string, string>): Promise<unknown> {
  return (await readVariables(['A'], env)).get('A')
}

describe('readVariables', () => {
  it('takes the variable itself, also where it is empty', async () => {
    expect(await read({ A: 'a', A_FILE: '' })).toEqual({ value: 'a' })
    expect(await read({ A: '' })).toEqual({ value: '' })
    expect(await read({ B: 'a' })).toBeUndefined()
  })

  it.each([
    ['s3cret', 's3cret'],
    ['s3cret\n', 's3cret'],
    ['s3cret\r\n', 's3cret'],
    ['s3cret\n\n', 's3cret\n'],
    [' a\nb ', ' a\nb '],
    ['', ''],
  ])('takes what the file holds, without the end of its last line: %j', async (text, value) => {
    expect(await read({ A_FILE: secret(text) })).toEqual({ value })
  })

  it.each([
    ['a file that is missing', () => join(folder, 'none'), 'does not exist; name one that does'],
    ['a folder', () => folder, 'is a folder'],
    ['a device', () => '/dev/zero', 'is not a regular file'],
    ['64 KiB and more', () => secret('x'.repeat(65_537)), 'is larger than 64 KiB'],
    ['bytes that are no text', () => secret(Buffer.from([0xff])), 'is not UTF-8 text'],
  ])('cannot take %s, and says why', async (_, file, problem) => {
    expect(await read({ A_FILE: file() })).toEqual({
      problem: expect.stringMatching(new RegExp(`^the file of A_FILE: .*${problem}`)),
    })
  })

  it('takes neither where both are set', async () => {
    expect(await read({ A: 'a', A_FILE: secret('b') })).toEqual({
      problem: 'A and A_FILE are both set; unset one',
    })
  })
})
