import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisCluster } from './redis-cluster.ts'

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await RedisCluster.start()
})

afterAll(() => cluster.stop())

describe('RedisCluster', () => {
  it('has three masters with all slots, and a replica for each', async () => {
    const masters = await cluster.masters()
    expect(masters).toHaveLength(3)
    expect(cluster.nodes).toHaveLength(6)
    for (const master of masters) {
      const replicas = await cluster.replicasOf(master)
      expect(replicas).toHaveLength(1)
      expect(await replicas[0]?.info('master_link_status')).toBe('up')
    }
  })

  it('keeps a key where it says', async () => {
    const owner = await cluster.nodeOf('a')
    await owner.command('SET', 'a', '1')
    const other = (await cluster.masters()).find((master) => master !== owner)
    const slot = await cluster.slotOf('a')
    await expect(other?.command('GET', 'a')).rejects.toThrow(`MOVED ${slot} 127.0.0.1:${owner.port}`)
  })

  it('moves a slot with its keys, and tells ASK meanwhile', async () => {
    const from = await cluster.nodeOf('{tag}')
    const to = (await cluster.masters()).find((master) => master !== from) ?? from
    const slot = await cluster.slotOf('{tag}')
    for (const name of ['1', '2', '3', '4']) await from.command('SET', `{tag}${name}`, name)
    const halfway = async (): Promise<void> => {
      await expect(from.command('GET', '{tag}new')).rejects.toThrow(`ASK ${slot}`)
      const all = ['{tag}1', '{tag}2', '{tag}3', '{tag}4']
      await expect(from.command('MGET', ...all)).rejects.toThrow('TRYAGAIN')
    }
    await cluster.moveSlot(slot, to, { halfway })
    expect(await cluster.nodeOf('{tag}')).toBe(to)
    expect(await to.command('GET', '{tag}4')).toBe('4')
    await expect(from.command('GET', '{tag}4')).rejects.toThrow(`MOVED ${slot} 127.0.0.1:${to.port}`)
  })

  it('moves many slots, and back', async () => {
    const [from, to] = await cluster.masters()
    if (from === undefined || to === undefined) throw new Error('two masters are needed')
    const before = await cluster.slotsOf(from)
    await cluster.reshard(50, from, to)
    expect(await cluster.slotsOf(from)).toEqual(before.slice(50))
    for (const slot of before.slice(0, 3)) await cluster.moveSlot(slot, from)
    expect(await cluster.slotsOf(from)).toEqual([...before.slice(0, 3), ...before.slice(50)])
  })

  it('promotes a replica when a master dies, and takes the master back', async () => {
    await (await cluster.nodeOf('a')).command('SET', 'a', '1')
    const { from, to } = await cluster.failover('a', 'kill')
    expect(from.state).toBe('dead')
    expect(await cluster.nodeOf('a')).toBe(to)
    expect(await to.command('GET', 'a')).toBe('1')
    await cluster.bringBack()
    expect(await cluster.replicasOf(to)).toEqual([from])
  })

  it('promotes a replica when a master stands still', async () => {
    const { from, to } = await cluster.failover('a', 'freeze')
    expect(from.state).toBe('frozen')
    await cluster.bringBack()
    expect(await from.info('master_port')).toBe(String(to.port))
  })

  it.each(['manual', 'force', 'takeover'] as const)('hands over by CLUSTER FAILOVER: %s', async (how) => {
    const { from, to } = await cluster.failover('a', how)
    expect(from.state).toBe('running')
    expect(await cluster.nodeOf('a')).toBe(to)
  })
})

describe('RedisCluster, as small as one wants it', () => {
  it('has masters alone', async () => {
    await using bare = await RedisCluster.start({ replicasPerMaster: 0 })
    expect(await bare.masters()).toHaveLength(3)
    expect(bare.addresses).toHaveLength(3)
  })

  it('has a single node with all slots', async () => {
    await using single = await RedisCluster.start({ masters: 1, replicasPerMaster: 0 })
    expect(await single.nodes[0]?.command('SET', 'a', '1')).toBe('OK')
  })
})
