/** Three replicas on one Redis: what one of them changes. */
import { redisStore } from 'headgate/redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { fresh, OPEN_FILE, openReplica, type Replica, request } from './replica.ts'

const UPLOADS = { match: { path: '/uploads/**' }, key: 'user', rules: ['3/year'] }

let redis: RedisServer
let opened: Replica[]
let prefix = 0

const open = (): Replica => {
  const replica = openReplica(redisStore(redis.url, { prefix: `headgate:p${prefix}` }))
  opened.push(replica)
  return replica
}
const refresh = (all: readonly Replica[]) => Promise.all(all.map(({ changes }) => changes.refresh()))

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis?.stop())

beforeEach(() => {
  opened = []
  prefix++
})
afterEach(async () => {
  redis.resume()
  await Promise.all(opened.map(({ service }) => service.close()))
})

describe('replicas on one Redis', () => {
  it('all apply what one of them changes, with one budget, and one that begins later does too', async () => {
    const all = [open(), open(), open()]
    await all[0]?.changes.put('uploads', UPLOADS, fresh)
    await refresh(all)
    const later = open()
    await later.changes.refresh()
    const answers = []
    for (const replica of [...all, later]) answers.push(await replica.passes('a', '/uploads/x'))
    expect(answers).toEqual([true, true, true, false])
    expect(new Set([...all, later].map(({ listing }) => JSON.stringify(listing()))).size).toBe(1)
  })

  it('let exactly one of those win who begin at the same version, round after round', async () => {
    const all = [open(), open(), open()]
    await all[0]?.changes.put('uploads', UPLOADS, fresh)
    await refresh(all)
    for (let round = 1; round <= 10; round++) {
      const expected = [String(all[0]?.changes.version)]
      const edits = all.map(({ changes }, i) =>
        changes.patch('uploads', { rules: [`${round * 10 + i}/year`] }, { ...request, expected }),
      )
      const ends = await Promise.allSettled(edits)
      const winner = ends.findIndex(({ status }) => status === 'fulfilled')
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await refresh(all)
      const version = all[winner]?.changes.version
      for (const [i, end] of ends.entries()) {
        expect(all[i]?.changes.version).toBe(version)
        expect(all[i]?.listing().policies[1]?.rules).toEqual([`${round * 10 + winner}/year`])
        if (end.status === 'rejected') {
          expect(end.reason).toMatchObject({
            code: 'conflict',
            message: expect.stringContaining(String(version)),
          })
        }
      }
    }
    expect(all[2]?.changes.history()).toHaveLength(11)
  })

  it('go on with what they have while Redis hangs, refuse changes, and take up what comes after', async () => {
    const [one, two] = [open(), open()]
    await one.changes.put('uploads', UPLOADS, fresh)
    await two.changes.refresh()
    redis.freeze()
    const away = { code: 'store-unavailable' }
    await Promise.all([
      expect(two.changes.refresh()).rejects.toMatchObject(away),
      expect(one.changes.setShadow(true, request)).rejects.toMatchObject(away),
    ])
    for (const replica of [one, two]) {
      expect(replica.listing()).toMatchObject({
        policies: [{ name: 'api' }, { name: 'uploads' }],
        rejected: null,
      })
      expect(await replica.passes('b', '/uploads/x')).toBe(true)
    }
    redis.resume()
    await expect.poll(() => two.changes.delete('uploads', request).catch(() => null)).not.toBeNull()
    await one.changes.refresh()
    expect(one.listing()).toEqual(two.listing())
    expect(one.listing().policies).toHaveLength(1)
  })

  it('let everybody pass by the switch also where policies are closed while Redis hangs', async () => {
    const [on, off] = [open(), open()]
    for (const { load } of [on, off])
      await load(OPEN_FILE.replace('key: user', 'onStoreError: closed, key: user'))
    await on.changes.setShadow(true, request)
    redis.freeze()
    expect([await on.passes('a'), await off.passes('a').catch(() => 'failed')]).toEqual([true, 'failed'])
  })

  it('tell a Redis that came back empty what it forgot', async () => {
    const [one, two] = [open(), open()]
    await one.changes.put('uploads', UPLOADS, fresh)
    await two.changes.refresh()
    await redis.command('FLUSHALL')
    await refresh([two, one])
    const later = open()
    await later.changes.refresh()
    expect(later.listing()).toEqual(one.listing())
    expect(later.changes.history()).toEqual(one.changes.history())
  })
})
