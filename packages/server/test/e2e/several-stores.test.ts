import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { HeadgateProcess } from './headgate-process.ts'

let main: RedisServer
let audit: RedisServer
const folder = mkdtempSync(join(tmpdir(), 'headgate-'))
const file = join(folder, 'headgate.yaml')

beforeAll(async () => {
  ;[main, audit] = await Promise.all([RedisServer.start(), RedisServer.start()])
  const url = audit.url.replace('//', '//default:s3cret@')
  await audit.command('CONFIG', 'SET', 'requirepass', 's3cret')
  writeFileSync(
    file,
    `version: 1
stores:
  main: { url: "${main.url}", deadline: 1s }
  audit: { url: "${url}", onStoreError: closed }
policies:
  - { name: api, key: user, rules: [10/h] }
  - { name: trail, match: { path: /trail }, key: user, rules: [4/h], store: audit }
`,
  )
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await Promise.all([main?.stop(), audit?.stop()])
})

const ask = (path: string, cost = 1, user = 'alice'): object => ({ attributes: { user, path }, cost })

describe('headgate serve on several stores', () => {
  it('spends in all or none, is ready when all answer, and hides passwords', async () => {
    await using headgate = await HeadgateProcess.serve(['--config', file])
    const ready = async (status: number): Promise<void> =>
      expect.poll(async () => (await headgate.get('/readyz')).status, { timeout: 30_000 }).toBe(status)
    await ready(200)
    expect(headgate.stdout + headgate.stderr).not.toContain('s3cret')
    expect(headgate.stdout).toContain(`main: ${main.url}, audit: redis://***@127.0.0.1:${audit.port}`)
    expect((await headgate.post('/v1/consume', ask('/trail', 4))).status).toBe(200)
    expect((await headgate.post('/v1/consume', ask('/trail'))).body).toMatchObject({ policy: 'trail' })
    expect((await headgate.post('/v1/peek', ask('/', 0))).body).toMatchObject({ policy: 'api', remaining: 6 })
    await audit.crash()
    await ready(503)
    expect((await headgate.post('/v1/consume', ask('/'))).body).toMatchObject({ source: 'store' })
    expect((await headgate.post('/v1/consume', ask('/trail', 1, 'bob'))).status).toBe(503)
    expect((await headgate.post('/v1/peek', ask('/', 0))).body).toMatchObject({ remaining: 5 })
    expect((await headgate.stop()).code).toBe(0)
  })

  it('does not take one store in place of several', async () => {
    const { code, stderr } = await HeadgateProcess.run(['serve', '--config', file, '--store', 'memory'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('in place of one store')])
  })
})
