import { describe, expect, it } from 'vitest'
import { openStore } from './open-store.ts'

describe('openStore', () => {
  it.each(['memory', 'memory:'])('opens %s', async (url) => {
    const { store, ping, label } = await openStore({ url, prefix: 'headgate', resilience: {} })
    await ping()
    expect([store.synchronous, label]).toEqual([true, url])
  })

  it.each([
    ['redis+cluster://u:s3cret@a:1', 'redis+cluster://***@a:1 is not a store of this version'],
    ['postgres://u:s3cret@a:1', 'postgres://***@a:1 is not a store of this version'],
    ['redis://', 'redis:// is not a store'],
    ['redis://u:s3cret@ho st:6379', 'redis://***@ho st:6379 is not a store'],
    ['redis://u:s3cret@h:99999', 'redis://***@h:99999 is not a store'],
    ['redis://u:s3cret%zz@h:6379', 'redis://***@h:6379 is not a store'],
    ['redis://u:s3cret@h:6379/main', 'redis://***@h:6379/main is not a store'],
    ['', ' is not a store of this version'],
  ])('refuses %s without its password', async (url, message) => {
    const opening = openStore({ url, prefix: 'headgate', resilience: {} })
    await expect(opening).rejects.toMatchObject({ code: 'invalid-config' })
    await expect(opening).rejects.toThrow(message)
    await expect(opening).rejects.not.toThrow('s3cret')
  })
})
