import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const CODE = 'HEADGATE_SEPARATE_MEMORY'

interface Run {
  /** Codes that it was warned with. */
  readonly codes: unknown
  /** What Node said of that. */
  readonly said: string
}

/** Runs a fixture as a process of its own, with the published package. */
function run(fixture: string, env: NodeJS.ProcessEnv = {}, ...args: string[]): Run {
  const file = join(import.meta.dirname, 'fixtures', fixture)
  const { NODE_CHANNEL_FD: _, NODE_APP_INSTANCE: _i, ...own } = process.env
  const options = { env: { ...own, ...env }, encoding: 'utf8' } as const
  const { stdout, stderr } = spawnSync(process.execPath, [file, ...args], options)
  return { codes: JSON.parse(stdout), said: stderr }
}

describe('a store in memory', () => {
  it('is warned of once in every worker of a cluster but the first, which may be the only one', () => {
    expect(run('cluster-of-three.ts').codes).toEqual([[], [], [CODE], [CODE]])
  })

  it('is warned of in every instance of PM2 but the first, in a cluster too', () => {
    expect(run('alone-process.ts', { NODE_APP_INSTANCE: '1' }).codes).toEqual([CODE])
    expect(run('alone-process.ts', { NODE_APP_INSTANCE: '0' }).codes).toEqual([])
    expect(run('cluster-of-three.ts', { NODE_APP_INSTANCE: '0' }).codes).toEqual([[], [], [], []])
  })

  it('is not where there is one process, or where the store is outside', () => {
    expect(run('alone-process.ts').codes).toEqual([])
    expect(run('alone-process.ts', { NODE_APP_INSTANCE: '1' }, 'redis').codes).toEqual([])
  })

  it('is not where Node is told to be silent about it', () => {
    const NODE_OPTIONS = `--disable-warning=${CODE}`
    expect(run('alone-process.ts', { NODE_APP_INSTANCE: '1' }).said).toContain(CODE)
    expect(run('alone-process.ts', { NODE_APP_INSTANCE: '1', NODE_OPTIONS }).said).toBe('')
  })
})
