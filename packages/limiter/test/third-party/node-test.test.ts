import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { storeContract } from '../../src/entries/testing.ts'

describe('the store contract', () => {
  it('runs under node:test, one test a case', () => {
    const file = join(import.meta.dirname, 'fixtures/store-contract-by-node-test.ts')
    // The runner tells its children what they are by these; this is none of its.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { stdout, status } = spawnSync(process.execPath, ['--test', '--test-reporter=tap', file], {
      env,
      encoding: 'utf8',
    })
    expect(stdout).toContain(`# pass ${storeContract.length}\n`)
    expect(status).toBe(0)
  })
})
