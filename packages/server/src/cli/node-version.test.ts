import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NODE_NEEDED, nodeMistake } from './node-version.ts'

describe('nodeMistake', () => {
  it.each(['22.12.0', '22.13.1', '23.0.0', '24.21.0', '100.0.0', '24.0.0-nightly'])(
    'takes Node %s',
    (found) => {
      expect(nodeMistake(found)).toBeNull()
    },
  )

  it.each(['22.11.9', '22.9.0', '22.0.0', '20.20.2', '4.9.1', '0.12.18'])(
    'names Node %s and the one needed',
    (found) => {
      expect(nodeMistake(found)).toBe(
        `headgate needs Node 22.12 or newer, and this is Node ${found}; install a newer one`,
      )
    },
  )

  it('needs what the package says', () => {
    const manifest = new URL('../../package.json', import.meta.url)
    expect(JSON.parse(readFileSync(manifest, 'utf8')).engines.node).toBe(`>=${NODE_NEEDED}`)
  })
})
