import { describe, expect, it } from 'vitest'
import { openStore } from './open-store.ts'

describe('openStore', () => {
  it.each(['memory', 'memory:'])('opens %s', async (url) => {
    const { store, ping, label } = await openStore({ url, prefix: 'headgate' })
    await ping()
    expect([store.synchronous, label]).toEqual([true, url])
  })

  it.each([
    ['redis+cluster://u:s3cret@a:1', 'redis+cluster://***@a:1 is not a store of this version'],
    ['postgres://u:s3cret@a:1', 'postgres://***@a:1 is not a store of this version'],
    ['redis://', 'is not a Redis URL'],
    ['', ' is not a store of this version'],
  ])('refuses %s without its password', async (url, message) => {
    const opening = openStore({ url, prefix: 'headgate' })
    await expect(opening).rejects.toMatchObject({ code: expect.stringMatching(/^invalid-/) })
    await expect(opening).rejects.toThrow(message)
    await expect(opening).rejects.not.toThrow('s3cret')
  })
})
