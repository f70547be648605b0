import { describe, expect, it } from 'vitest'
import { openStores } from './store-from-config.ts'

describe('openStores', () => {
  it.each(['memory', 'memory:'])('opens %s', async (url) => {
    const { store, ping, label } = await openStores({ main: { url, prefix: 'headgate' } }, {})
    await ping()
    expect(['decideSync' in store, label]).toEqual([true, url])
  })

  it.each([
    ['redis://u:s3cret@127.0.0.1:1', 'redis://***@127.0.0.1:1'],
    ['rediss://u:s3cret@127.0.0.1:1/2', 'rediss://***@127.0.0.1:1/2'],
    ['redis+cluster://u:s3cret@127.0.0.1:1,127.0.0.1:2', 'redis+cluster://***@127.0.0.1:1,127.0.0.1:2'],
    ['rediss+sentinel://127.0.0.1:1/m/0?sentinelPassword=s3cret', 'rediss+sentinel://127.0.0.1:1/m/0'],
    ['unix:///nowhere/redis.sock?db=1', 'unix:///nowhere/redis.sock'],
    ['redis+unix://u:s3cret@/nowhere/redis.sock', 'redis+unix://***@/nowhere/redis.sock'],
  ])('opens %s though nobody answers yet, and calls it %s', async (url, expected) => {
    const { store, ping, label } = await openStores({ main: { url, prefix: 'headgate' } }, {})
    expect(label).toBe(expected)
    await expect(ping()).rejects.toMatchObject({ code: 'store-unavailable' })
    await store.close()
  })

  it.each([
    ['postgres://u:s3cret@a:1', '"postgres://***@a:1" is not a store of this version'],
    ['redis://', '"redis://" is not a Redis URL'],
    ['redis://u:s3cret@ho st:6379', '"redis://***@ho st:6379" is not a Redis URL'],
    ['redis://u:s3cret@h:99999', '"redis://***@h:99999" is not a Redis URL'],
    ['redis://u:s3cret%zz@h:6379', '"redis://***@h:6379" is not a Redis URL'],
    ['redis://u:s3cret@h:6379/main', '"redis://***@h:6379/main" is not a Redis URL'],
    ['redis+cluster://u:s3cret@a:1/3', '"redis+cluster://***@a:1/3" is not a Redis URL'],
    ['redis+sentinel://u:s3cret@a:1', '"redis+sentinel://***@a:1" is not a Redis URL'],
    ['redis+tls://u:s3cret@a:1', '"redis+tls://***@a:1" is not a store of this version'],
    ['', '"" is not a store of this version'],
  ])('refuses %s without its password', async (url, message) => {
    const opening = openStores({ main: { url, prefix: 'headgate' } }, {})
    await expect(opening).rejects.toMatchObject({ code: 'invalid-config' })
    await expect(opening).rejects.toThrow(message)
    await expect(opening).rejects.not.toThrow('s3cret')
  })

  it('joins several by name, and none answers for another', async () => {
    const options = (url: string) => ({ url, prefix: 'headgate' })
    const stores = { main: options('memory'), audit: options('redis://u:s3cret@127.0.0.1:1') }
    const { store, ping, label, resilience } = await openStores(stores, { replicas: 2 })
    expect(store).toMatchObject({ names: ['main', 'audit'] })
    expect(label).toBe('main: memory, audit: redis://***@127.0.0.1:1')
    expect(resilience).toEqual({ replicas: 2 })
    await expect(ping()).rejects.toMatchObject({ code: 'store-unavailable' })
    await store.close()
  })

  it('leaves nothing open where one of several is refused', async () => {
    const options = (url: string) => ({ url, prefix: 'headgate' })
    const stores = { main: options('redis://127.0.0.1:1'), audit: options('postgres://a') }
    await expect(openStores(stores, {})).rejects.toMatchObject({ code: 'invalid-config' })
    await expect.poll(() => process.getActiveResourcesInfo().includes('TCPSocketWrap')).toBe(false)
  })
})
