import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisSentinel } from './redis-sentinel.ts'
import { until } from './until.ts'

let redis: RedisSentinel

beforeAll(async () => {
  redis = await RedisSentinel.start()
})

afterAll(() => redis.stop())

describe('RedisSentinel', () => {
  it('has a master whose writes the replicas have', async () => {
    const master = await redis.master()
    expect(master).toBe(redis.servers[0])
    expect(redis.sentinels).toHaveLength(3)
    using client = await master.connect()
    await client.call('SET', 'a', '1')
    expect(await client.call('WAIT', 2, 5000)).toBe(2)
    const replica = redis.servers[1]
    expect(await replica?.command('GET', 'a')).toBe('1')
    await expect(replica?.command('SET', 'a', '2')).rejects.toThrow('READONLY')
  })

  it('elects another when the master dies, and takes him back as a replica', async () => {
    const { from, to } = await redis.failover('kill')
    expect(to).not.toBe(from)
    expect(await redis.master()).toBe(to)
    await to.command('SET', 'a', '2')
    await redis.bringBack()
    expect(await from.info('role')).toBe('slave')
    expect(await from.command('GET', 'a')).toBe('2')
  })

  it('elects another when the master stands still; what he is told afterwards is lost', async () => {
    const { from, to } = await redis.failover('freeze')
    await to.command('SET', 'a', '3')
    const bringingBack = redis.bringBack()
    expect(await from.command('GET', 'a')).toBe('2')
    await bringingBack
    expect(await from.command('GET', 'a')).toBe('3')
    expect(await redis.master()).toBe(to)
  })

  it('hands over on command', async () => {
    const { from, to } = await redis.failover('command')
    expect(from.state).toBe('running')
    expect(await from.info('master_port')).toBe(String(to.port))
  })

  it('puts a demoted master right', async () => {
    const demoted = await redis.demote()
    await expect(demoted.command('SET', 'a', '1')).rejects.toThrow('READONLY')
    await until(
      'there is a master that can be written to',
      async () => (await redis.master()).command('SET', 'a', '4'),
      {
        withinMs: 30_000,
      },
    )
  })
})
