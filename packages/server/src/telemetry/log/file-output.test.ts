import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileOutput } from './file-output.ts'

/** A device whose disk is full, whatever is written. */
const FULL = '/dev/full'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-file-output-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('FileOutput', () => {
  it('appends lines to a file that its owner alone may read', () => {
    const path = join(folder, 'audit.log')
    new FileOutput(path, vi.fn()).write('a\n')
    new FileOutput(path, vi.fn()).write('b\n')
    expect(readFileSync(path, 'utf8')).toBe('a\nb\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('writes to a new file once it is opened again, as a rotation wants it', () => {
    const path = join(folder, 'audit.log')
    const output = new FileOutput(path, vi.fn())
    output.write('a\n')
    renameSync(path, `${path}.1`)
    output.write('b\n')
    output.reopen()
    output.write('c\n')
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('a\nb\n')
    expect(readFileSync(path, 'utf8')).toBe('c\n')
  })

  it.skipIf(process.platform !== 'linux')(
    'loses what a full disk does not take, and tells it once it can write again',
    () => {
      const path = join(folder, 'audit.log')
      const onRestored = vi.fn()
      symlinkSync(FULL, path)
      const output = new FileOutput(path, onRestored)
      output.write('a\n')
      output.write('b\n')
      expect(output.lost).toBe(2)
      rmSync(path)
      output.reopen()
      expect(onRestored).not.toHaveBeenCalled()
      output.write('c\n')
      output.write('d\n')
      expect(onRestored.mock.calls).toEqual([[2, 'ENOSPC']])
      expect(output.lost).toBe(2)
      expect(readFileSync(path, 'utf8')).toBe('c\nd\n')
    },
  )

  it.skipIf(process.platform !== 'linux')('counts each of several lines that are written together', () => {
    const path = join(folder, 'audit.log')
    symlinkSync(FULL, path)
    const output = new FileOutput(path, vi.fn())
    output.write('a\nb\nc\n')
    expect(output.lost).toBe(3)
  })

  it('loses what goes to a file that cannot be opened, without throwing', () => {
    const output = new FileOutput(join(folder, 'nowhere', 'audit.log'), vi.fn())
    output.write('a\n')
    expect(output.lost).toBe(1)
  })
})
