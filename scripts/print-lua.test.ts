import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kinds, shapeOf } from './print-lua.ts'

function print(...shape: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'print-lua.ts'), ...shape], {
    encoding: 'utf8',
  })
}

describe('print-lua', () => {
  it('prints the script of a shape, which begins with its name', () => {
    const { status, stdout } = print('sliding-window,bucket | first-hit')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^-- headgate decide: bucket,sliding-window \| first-hit\n/)
    expect(stdout).toContain("redis.call('TIME')")
  })

  it('puts kinds in the order in which all their decisions travel', () => {
    expect(shapeOf('first-hit | sliding-window, bucket |bucket').name).toBe(
      'bucket | bucket,sliding-window | first-hit',
    )
  })

  it.each(['', 'gcra', 'bucket,', 'custom'])('names the kinds there are in place of %j', (shape) => {
    const { status, stdout, stderr } = print(shape)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    for (const kind of kinds) expect(stderr).toContain(kind)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})
