import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONFIG_NAMES, findConfig } from './find-config.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-find-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

describe('findConfig', () => {
  it('takes what was given, whatever is there', () => {
    writeFileSync(join(folder, 'headgate.yaml'), '')
    expect(findConfig('other.yaml', { folder })).toEqual({ file: 'other.yaml', isSample: false })
  })

  it('takes the file of the folder, in the order of its names', () => {
    for (const name of [...CONFIG_NAMES].reverse()) {
      writeFileSync(join(folder, name), '')
      expect(findConfig(undefined, { folder })).toEqual({ file: name, isSample: false })
    }
  })

  it('takes the sample where there is none', () => {
    const { file, isSample } = findConfig(undefined, { folder })
    expect([existsSync(file), isSample]).toEqual([true, true])
  })
})
