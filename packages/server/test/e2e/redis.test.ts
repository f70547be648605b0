import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { HeadgateProcess } from './headgate-process.ts'

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})

afterAll(() => redis.stop())

const ask = (user: string, cost = 1): object => ({ attributes: { user }, cost })
const start = (): Promise<HeadgateProcess> => HeadgateProcess.serve(['--store', redis.url])

describe('headgate serve on Redis', () => {
  it('shares one budget between two processes', async () => {
    await using one = await start()
    await using two = await start()
    expect((await one.post('/v1/consume', ask('shared', 3))).status).toBe(200)
    expect((await two.post('/v1/consume', ask('shared', 3))).status).toBe(429)
    expect((await two.post('/v1/reset', { attributes: { user: 'shared' } })).status).toBe(204)
    expect((await one.post('/v1/consume', ask('shared', 5))).status).toBe(200)
  })

  it('answers 503 within 2 s while Redis is frozen, and recovers', async () => {
    await using headgate = await start()
    expect((await headgate.post('/v1/consume', ask('frozen'))).status).toBe(200)
    redis.freeze()
    const answers = await Promise.all([
      headgate.post('/v1/consume', ask('frozen')),
      headgate.post('/v1/peek', ask('frozen')),
      headgate.post('/v1/reset', { attributes: { user: 'frozen' } }),
      headgate.get('/readyz'),
    ])
    redis.resume()
    for (const { status, headers, body, ms } of answers) {
      expect([status, headers.get('retry-after'), body.code]).toEqual([503, '1', 'store-unavailable'])
      expect(JSON.stringify(body)).not.toMatch(/127\.0|timed out/)
      expect(ms).toBeLessThan(2000)
    }
    await expect.poll(async () => (await headgate.get('/readyz')).status, { timeout: 5000 }).toBe(200)
    expect((await headgate.post('/v1/consume', ask('thawed'))).status).toBe(200)
  })

  it('answers 503 while Redis is gone, and recovers', async () => {
    await using headgate = await start()
    expect((await headgate.post('/v1/consume', ask('gone', 5))).status).toBe(200)
    await redis.crash()
    const { status, ms } = await headgate.post('/v1/consume', ask('gone'))
    expect(status).toBe(503)
    expect(ms).toBeLessThan(2000)
    expect((await headgate.post('/v1/peek', ask('gone'))).status).toBe(503)
    expect((await headgate.get('/readyz')).body).toMatchObject({
      ready: false,
      detail: 'the store does not answer',
    })
    expect((await headgate.get('/livez')).status).toBe(200)
    await redis.restart()
    await expect.poll(async () => (await headgate.get('/readyz')).status, { timeout: 5000 }).toBe(200)
    expect((await headgate.post('/v1/consume', ask('gone'))).status).toBe(200)
    const { code } = await headgate.stop()
    expect(code).toBe(0)
    // A store that is down fails every request: one line in 10 s says so.
    expect(headgate.log.filter(({ level }) => level === 50)).toHaveLength(1)
  })

  it('starts while Redis is down, without showing its password, and is ready when it is up', async () => {
    await redis.crash()
    await using headgate = await HeadgateProcess.serve([
      '--store',
      redis.url.replace('//', '//default:s3cret@'),
    ])
    expect((await headgate.get('/readyz')).status).toBe(503)
    expect((await headgate.post('/v1/consume', ask('early'))).status).toBe(503)
    await redis.restart()
    await expect.poll(async () => (await headgate.get('/readyz')).status, { timeout: 5000 }).toBe(200)
    expect((await headgate.post('/v1/consume', ask('early'))).status).toBe(200)
    const { code, stdout, stderr } = await headgate.stop()
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain('s3cret')
  })

  it('ends with code 0 while Redis is frozen', async () => {
    await using headgate = await start()
    redis.freeze()
    const { code } = await headgate.stop()
    redis.resume()
    expect(code).toBe(0)
  })
})
