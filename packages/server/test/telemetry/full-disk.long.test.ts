/** Files on a disk that is full and has room again: a file system of a few pages, which takes root. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { FileOutput } from '../../src/telemetry/log/file-output.ts'

const LINE = `${JSON.stringify({ text: 'x'.repeat(1500) })}\n`

const folder = mkdtempSync(join(tmpdir(), 'headgate-disk-'))
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0
afterAll(() => {
  if (isMounted) spawnSync('umount', [folder])
  rmdirSync(folder)
})

describe.skipIf(!isMounted)('a file on a full disk (skipped where nothing can be mounted)', () => {
  it('loses lines, none of which breaks another one, and tells how many once there is room', async () => {
    const filler = join(folder, 'filler')
    const path = join(folder, 'audit.log')
    writeFileSync(filler, Buffer.alloc(40 * 1024))
    const onRestored = vi.fn()
    const output = new FileOutput(path, onRestored)
    for (let i = 0; i < 40; i++) output.write(LINE)
    const { lost } = output
    expect(lost).toBeGreaterThan(0)
    expect(onRestored).not.toHaveBeenCalled()
    rmSync(filler)
    for (let i = 0; i < 3; i++) output.write(LINE)
    await output.close()
    expect(onRestored.mock.calls).toEqual([[lost, 'ENOSPC']])
    const lines = readFileSync(path, 'utf8').split('\n')
    const whole = lines.filter((line) => `${line}\n` === LINE)
    expect(whole).toHaveLength(40 - lost + 3)
    // What was written of the first line that found no room stands by itself.
    expect(lines.length - whole.length).toBeLessThanOrEqual(2)
  })
})
