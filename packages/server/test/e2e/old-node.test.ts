import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeMistake } from '../../src/cli/node-version.ts'

const BINARY = join(import.meta.dirname, '../../dist/cli/main.js')

/** A Node of the system that is too old, with its version; null where there is none. */
function oldNode(): { readonly path: string; readonly version: string } | null {
  for (const folder of ['/usr/bin', '/usr/local/bin', dirname(process.execPath)]) {
    const path = join(folder, 'node')
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
    if (status === 0 && nodeMistake(stdout.trim().slice(1)) !== null) {
      return { path, version: stdout.trim().slice(1) }
    }
  }
  return null
}

const old = oldNode()

describe.skipIf(old === null)('on a Node that is too old (none is here where this is skipped)', () => {
  it.each([['serve', '--store', 'redis://127.0.0.1:1'], ['--version'], []])(
    'headgate %s ends with code 2',
    (...args) => {
      const { status, stderr, stdout } = spawnSync(old?.path ?? '', [BINARY, ...args], { encoding: 'utf8' })
      expect([status, stdout, stderr]).toEqual([2, '', `${nodeMistake(old?.version ?? '')}\n`])
    },
  )
})
