import { describe, expect, it } from 'vitest'
import { RedisServer } from '../redis-server.ts'
import { skipWithoutTmpfs } from './prerequisites.ts'

describe('RedisServer, what takes long', () => {
  it('reads its keys for a while before it answers', async () => {
    await using server = await RedisServer.start()
    await server.command('SET', 'a', '1')
    await server.restartLoading({ loadingMs: 1000 })
    const start = performance.now()
    await expect(server.command('GET', 'a')).rejects.toThrow('LOADING')
    await server.loaded()
    expect(performance.now() - start).toBeGreaterThan(500)
    expect(await server.command('GET', 'a')).toBe('1')
    expect(await server.command('DBSIZE')).toBe(1)
    await server.restart()
    expect(await server.command('GET', 'a')).toBeNull()
  })

  it('has no disk left, and has some again', async ({ skip }) => {
    skipWithoutTmpfs({ skip })
    await using server = await RedisServer.start({ smallDisk: true })
    await server.command('SET', 'a', '1')
    await server.fillDisk()
    await expect(server.command('SET', 'b', '1')).rejects.toThrow('MISCONF')
    expect(await server.command('GET', 'a')).toBe('1')
    await server.freeDisk()
    expect(await server.command('SET', 'b', '1')).toBe('OK')
  })
})
