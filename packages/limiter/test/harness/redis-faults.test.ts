import { once } from 'node:events'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { RedisServer } from '../redis-server.ts'
import { callOnce } from './redis-connection.ts'

describe('RedisServer, what it can be', () => {
  it('lets in a user with his password alone, and the one of now', async () => {
    const login = { name: 'limiter', password: 'first' }
    await using server = await RedisServer.start({ user: login })
    const { port } = server
    await expect(callOnce({ port }, ['PING'])).rejects.toThrow('NOAUTH')
    expect(await callOnce({ port, login }, ['PING'])).toBe('PONG')
    const password = await server.rotatePassword()
    await expect(callOnce({ port, login }, ['PING'])).rejects.toThrow('WRONGPASS')
    await server.restart()
    expect(await callOnce({ port, login: { ...login, password } }, ['PING'])).toBe('PONG')
    expect(server.url).toBe(`redis://limiter:${password}@127.0.0.1:${port}`)
    await server.command('ACL', 'SETUSER', 'limiter', '-set')
    await expect(callOnce({ port, login: { ...login, password } }, ['SET', 'a', '1'])).rejects.toThrow(
      'NOPERM',
    )
  })

  it('listens on a unix socket', async () => {
    await using server = await RedisServer.start({ permissions: 'all', unixSocket: true })
    const socket = new Socket().connect(server.socketPath)
    socket.write('PING\r\n')
    expect(String((await once(socket, 'data'))[0])).toBe('+PONG\r\n')
    socket.destroy()
  })
})

describe('RedisServer, what can befall it', () => {
  it('has no memory left, and has some again', async () => {
    await using server = await RedisServer.start({ args: ['--maxmemory-policy', 'allkeys-lru'] })
    await server.command('SET', 'a', '1')
    await server.fillMemory()
    await expect(server.command('SET', 'b', '1')).rejects.toThrow('OOM')
    expect(await server.command('GET', 'a')).toBe('1')
    await server.freeMemory()
    expect(await server.command('SET', 'b', '1')).toBe('OK')
    expect(await server.command('CONFIG', 'GET', 'maxmemory-policy')).toEqual([
      'maxmemory-policy',
      'allkeys-lru',
    ])
  })

  it('is busy with a script until that is killed', async () => {
    await using server = await RedisServer.start()
    await server.busyScript()
    await expect(server.command('GET', 'a')).rejects.toThrow('BUSY')
    await server.killScript()
    expect(await server.command('GET', 'a')).toBeNull()
    await server.busyScript()
    await server.restart()
    expect(await server.command('GET', 'a')).toBeNull()
  })

  it('lets commands wait', async () => {
    await using server = await RedisServer.start()
    using client = await server.connect()
    await server.pauseClients(600, 'WRITE')
    const start = performance.now()
    const answered: string[] = []
    const write = client.call('SET', 'a', '1').then(() => answered.push('write'))
    await server.command('GET', 'a').then(() => answered.push('read'))
    await write
    expect(answered).toEqual(['read', 'write'])
    expect(performance.now() - start).toBeGreaterThan(500)
  })

  it('hangs up on its clients', async () => {
    await using server = await RedisServer.start()
    using client = await server.connect()
    await client.call('PING')
    expect(await server.killClients()).toBe(1)
    await expect(client.call('PING')).rejects.toThrow()
  })

  it('forgets its scripts', async () => {
    await using server = await RedisServer.start()
    const sha = await server.command('SCRIPT', 'LOAD', 'return 1')
    await server.flushScripts()
    await expect(server.command('EVALSHA', String(sha), 0)).rejects.toThrow('NOSCRIPT')
  })

  it('becomes a replica of nobody, and a master again', async () => {
    await using server = await RedisServer.start()
    await server.demote()
    await expect(server.command('SET', 'a', '1')).rejects.toThrow('READONLY')
    await server.promote()
    expect(await server.command('SET', 'a', '1')).toBe('OK')
  })

  it('stands still and goes on', async () => {
    await using server = await RedisServer.start()
    server.freeze()
    expect(server.state).toBe('frozen')
    await expect(callOnce(server.endpoint, ['PING'], { withinMs: 50 })).rejects.toThrow('within 50 ms')
    server.resume()
    expect(await server.command('PING')).toBe('PONG')
    await server.crash()
    expect(server.state).toBe('dead')
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED')
  })

  it('says which option a fault needs', async () => {
    await using server = await RedisServer.start()
    expect(() => server.fillDisk()).toThrow('smallDisk')
    expect(() => server.skewClock(1)).toThrow('skewableClock')
    await expect(server.rotatePassword()).rejects.toThrow('user')
  })
})
