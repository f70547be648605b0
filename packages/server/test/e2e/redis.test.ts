import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { HeadgateProcess } from './headgate-process.ts'

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})

afterEach(async () => {
  if (redis.state === 'frozen') redis.resume()
  else if (redis.state === 'dead') await redis.restart()
})
afterAll(() => redis.stop())

/** Far above what it takes, on a busy machine too. */
const WITHIN = { timeout: 30_000, interval: 20 }

const ask = (user: string, cost = 1): object => ({ attributes: { user }, cost })
const at = (path: string): object => ({ attributes: { user: 'alice', path } })
const fixture = (name: string): string => join(import.meta.dirname, `../fixtures/${name}.yaml`)
const serve = (config: string, url = redis.url): Promise<HeadgateProcess> =>
  HeadgateProcess.serve(['--config', fixture(config), '--store', url])

/** Starts, and waits for the connection to Redis. */
async function start(config: string): Promise<HeadgateProcess> {
  const headgate = await serve(config)
  try {
    await ready(headgate)
    return headgate
  } catch (reason) {
    await headgate[Symbol.asyncDispose]()
    throw reason
  }
}

async function ready(headgate: HeadgateProcess): Promise<void> {
  await expect.poll(async () => (await headgate.get('/readyz')).status, WITHIN).toBe(200)
}

describe('headgate serve on Redis', () => {
  it('shares one budget between two processes', async () => {
    await using one = await start('patient')
    await using two = await start('patient')
    expect((await one.post('/v1/consume', ask('shared', 3))).status).toBe(200)
    expect((await two.post('/v1/consume', ask('shared', 3))).status).toBe(429)
    expect((await two.post('/v1/reset', { attributes: { user: 'shared' } })).status).toBe(200)
    expect((await one.post('/v1/consume', ask('shared', 5))).status).toBe(200)
  })

  it('takes a receipt back at the other process, once, and a forged one at none', async () => {
    await using one = await start('daily')
    await using two = await start('daily')
    const { receipt } = (await one.post('/v1/consume', ask('refunded', 4))).body
    const forged = `${receipt.slice(0, -1)}${receipt.endsWith('A') ? 'B' : 'A'}`
    expect(await two.post('/v1/refund', { receipt: forged })).toMatchObject({
      status: 400,
      body: { code: 'invalid-receipt' },
    })
    const answers = await Promise.all([two, one].map((each) => each.post('/v1/refund', { receipt })))
    expect(answers.map(({ body }) => body.refunded).sort()).toEqual([0, 4])
  })

  it('settles a reservation once, however many processes do it at the same instant', async () => {
    await using one = await start('daily')
    await using two = await start('daily')
    for (const [user, actual] of [
      ['below', 1],
      ['above', 9],
    ] as const) {
      const { reservation } = (await one.post('/v1/reserve', ask(user, 4))).body
      const settling = [one, two, one, two].map((each) => each.post('/v1/settle', { reservation, actual }))
      const answers = (await Promise.all(settling)).map(({ body }) => body)
      expect(answers.filter(({ settled }) => settled)).toHaveLength(1)
      expect(answers.map((answer) => answer.actual)).toEqual([actual, actual, actual, actual])
      expect((await two.post('/v1/peek', ask(user, 0))).body.remaining).toBe(100 - actual)
    }
  })

  it('extends a reservation at one process, and settles all of it at the other', async () => {
    await using one = await start('daily')
    await using two = await start('daily')
    const { reservation: old } = (await one.post('/v1/reserve', ask('extended', 4))).body
    const { reservation, held } = (await two.post('/v1/extend', { reservation: old, more: 5 })).body
    expect(held).toBe(9)
    expect((await one.post('/v1/settle', { reservation, actual: 6 })).body.settled).toBe(true)
    expect((await two.post('/v1/settle', { reservation: old, actual: 0 })).body.settled).toBe(false)
    expect((await two.post('/v1/peek', ask('extended', 0))).body.remaining).toBe(94)
  })

  it('answers as each policy wants it while Redis is frozen, and goes on when it is back', async () => {
    await using headgate = await start('modes')
    redis.freeze()
    const answers = await Promise.all(
      ['/local', '/open', '/closed'].map((path) => headgate.post('/v1/consume', at(path))),
    )
    const [local, open, closed] = answers
    expect(local).toMatchObject({ status: 200, body: { source: 'fallback', limit: 2, remaining: 1 } })
    expect(open).toMatchObject({ status: 200, body: { source: 'open', reason: 'store-unavailable' } })
    expect(closed).toMatchObject({ status: 503, body: { code: 'store-unavailable' } })
    for (let i = 0; i < 5; i++) await headgate.post('/v1/consume', at('/open'))
    expect((await headgate.get('/readyz')).status).toBe(503)
    redis.resume()
    await expect
      .poll(async () => (await headgate.post('/v1/consume', at('/open'))).body.source, WITHIN)
      .toBe('store')
    await ready(headgate)
    const { stdout } = await headgate.stop()
    expect(stdout.match(/decided without the store/g)).toHaveLength(1)
  })

  it('answers 503 where Redis is frozen and everything is closed, and recovers', async () => {
    await using headgate = await start('closed')
    expect((await headgate.post('/v1/consume', ask('frozen'))).status).toBe(200)
    redis.freeze()
    const answers = await Promise.all([
      headgate.post('/v1/consume', ask('frozen')),
      headgate.post('/v1/peek', ask('frozen')),
      headgate.post('/v1/consume?status=200', ask('frozen')),
      headgate.post('/v1/reset', { attributes: { user: 'frozen' } }),
      headgate.get('/readyz'),
    ])
    redis.resume()
    for (const { status, headers, body } of answers) {
      expect([status, headers.get('retry-after'), body.code]).toEqual([503, '1', 'store-unavailable'])
      expect(JSON.stringify(body)).not.toMatch(/127\.0|no answer/)
    }
    await ready(headgate)
    expect((await headgate.post('/v1/consume', ask('thawed'))).status).toBe(200)
  })

  it('answers 503 while Redis is gone and everything is closed, and recovers', async () => {
    await using headgate = await start('closed')
    expect((await headgate.post('/v1/consume', ask('gone', 5))).status).toBe(200)
    await redis.crash()
    const { status } = await headgate.post('/v1/consume', ask('gone'))
    expect(status).toBe(503)
    expect((await headgate.post('/v1/peek', ask('gone'))).status).toBe(503)
    expect((await headgate.get('/readyz')).body).toMatchObject({
      ready: false,
      detail: 'the store does not answer',
    })
    expect((await headgate.get('/livez')).status).toBe(200)
    await redis.restart()
    await ready(headgate)
    await expect.poll(async () => (await headgate.post('/v1/consume', ask('gone'))).status, WITHIN).toBe(200)
    const { code } = await headgate.stop()
    expect(code).toBe(0)
    // A store that is down fails every request: one line in 10 s says so.
    expect(headgate.log.filter(({ level }) => level === 50)).toHaveLength(1)
  })

  it('starts while Redis is down, without showing its password, and is ready when it is up', async () => {
    await redis.crash()
    await using headgate = await serve('modes', redis.url.replace('//', '//default:s3cret@'))
    expect((await headgate.get('/readyz')).status).toBe(503)
    expect((await headgate.post('/v1/consume', at('/local'))).body).toMatchObject({ source: 'fallback' })
    expect((await headgate.post('/v1/consume', at('/closed'))).status).toBe(503)
    await redis.restart()
    await ready(headgate)
    await expect
      .poll(async () => (await headgate.post('/v1/consume', at('/open'))).body.source, WITHIN)
      .toBe('store')
    const { code, stdout, stderr } = await headgate.stop()
    expect(code).toBe(0)
    expect(stdout + stderr).not.toContain('s3cret')
  })

  it('ends with code 0 while Redis is frozen', async () => {
    await using headgate = await start('closed')
    redis.freeze()
    const { code } = await headgate.stop()
    redis.resume()
    expect(code).toBe(0)
  })
})
