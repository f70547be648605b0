import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { RedisServer } from './redis-server.ts'

describe('RedisServer', () => {
  it('starts servers beside each other, each on its own port, and leaves nothing behind', async () => {
    const servers = await Promise.all([RedisServer.start(), RedisServer.start()])
    const [one, other] = servers
    expect(one.port).not.toBe(other.port)
    const pids = servers.map((server) => server.pid)
    await Promise.all(servers.map((server) => server.stop()))
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false)
    expect(await refuses(one.port)).toBe(true)
  })

  it('forgets keys and scripts when it restarts on its port', async () => {
    await using server = await RedisServer.start()
    const client = new Redis(server.adminUrl, { retryStrategy: () => 20 })
    client.on('error', () => {})
    await client.set('a', '1')
    const { port, pid } = server
    await server.restart()
    expect(server.port).toBe(port)
    expect(server.pid).not.toBe(pid)
    expect(await client.get('a')).toBeNull()
    client.disconnect()
  })

  it('names the fix when the binary is missing', async () => {
    const before = process.env['HEADGATE_REDIS_SERVER']
    process.env['HEADGATE_REDIS_SERVER'] = '/nowhere/redis-server'
    try {
      await expect(RedisServer.start()).rejects.toThrow('HEADGATE_REDIS_SERVER')
    } finally {
      if (before === undefined) delete process.env['HEADGATE_REDIS_SERVER']
      else process.env['HEADGATE_REDIS_SERVER'] = before
    }
  })
})

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })
}
