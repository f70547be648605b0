import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkNode } from './check-node.ts'
import { redisStore } from './index.ts'

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  readonly engines: { readonly node: string }
}
const oldest = manifest.engines.node.replace('>=', '')

describe('the version of Node', () => {
  it.each(['22.12.0', '22.13.1', '24.0.0', '100.0.0-nightly'])('%s is new enough', (version) => {
    expect(() => checkNode(version)).not.toThrow()
  })

  it.each(['22.11.0', '20.20.2', '18.0.0', '21.99.9'])(
    '%s is too old, and the error says what is needed',
    (version) => {
      const detail = `Node ${version} is too old for it; use Node ${oldest} or newer`
      expect(() => checkNode(version)).toThrow(
        expect.objectContaining({ code: 'invalid-options', path: 'redisStore', detail }),
      )
    },
  )

  it('is checked when a store is created, before anything is connected', () => {
    const { node } = process.versions
    Object.defineProperty(process.versions, 'node', { value: '20.20.2' })
    try {
      expect(() => redisStore('redis://127.0.0.1:1')).toThrow(`use Node ${oldest} or newer`)
    } finally {
      Object.defineProperty(process.versions, 'node', { value: node })
    }
  })
})
