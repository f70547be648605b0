import { afterEach, describe, expect, it, vi } from 'vitest'
import { environmentVariable } from './runtime.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

describe('environmentVariable', () => {
  it.each([
    ['granted', 'here'],
    ['prompt', undefined],
    ['denied', undefined],
  ])('reads in Deno what it may without asking anybody: %s', (state, value) => {
    vi.stubEnv('HEADGATE_URL', 'here')
    const querySync = vi.fn(() => ({ state }))
    vi.stubGlobal('Deno', { permissions: { querySync } })
    expect(environmentVariable('HEADGATE_URL')).toBe(value)
    expect(querySync.mock.calls).toEqual([[{ name: 'env', variable: 'HEADGATE_URL' }]])
  })

  it('is undefined where there is no process', () => {
    vi.stubGlobal('process', undefined)
    expect(environmentVariable('HEADGATE_URL')).toBeUndefined()
  })
})
