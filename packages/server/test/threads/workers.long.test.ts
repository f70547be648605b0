/** `headgate serve --workers` where it takes its time: Redis, tokens, certificates, threads that hang. */
import { X509Certificate } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Certificate } from '../../../limiter/test/harness/certificates.ts'
import { RedisServer } from '../../../limiter/test/redis-server.ts'
import { parseConfig } from '../../src/config/config.ts'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { ConfigFolder } from '../e2e/config-folder.ts'
import { CERTIFICATES } from '../protocol/secure-listener.ts'
import { RespClient } from '../resp/resp-server.ts'
import { type HttpAnswer, WorkerProcess } from './worker-process.ts'

const MANY = 40
const SOON = { timeout: 60_000, interval: 20 }
const times = <T>(count: number, run: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => run(i))
const hashOf = (text: string): string => parseConfig(text, 'headgate.yaml').hash

const configWith = (limit: number, more = ''): string => `version: 1
store: { url: memory, deadline: 10s }
${more}
policies: [{ name: api, key: user, rules: [${limit}/day] }]
`

let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(() => redis.stop())

describe('workers', () => {
  it('on one Redis enforce one limit exactly, and take the receipts of each other', async () => {
    using config = new ConfigFolder(configWith(1000))
    await using workers = await WorkerProcess.start(['--config', config.file, '--store', redis.url])
    const answers = await Promise.all(
      times(MANY, () => workers.ask('/v1/consume', { attributes: { user: 'alice' } })),
    )
    const left = answers.map(({ body }) => body.remaining as number).sort((a, b) => b - a)
    expect(left).toEqual(times(MANY, (i) => 999 - i))
    const refunds = await Promise.all(
      answers.map(({ body: { receipt } }) => workers.ask('/v1/refund', { receipt })),
    )
    expect(refunds.map(({ body }) => body.refunded)).toEqual(times(MANY, () => 1))
    expect(workers.taken.size).toBe(2)
    // A share of the limits, while Redis is away, is that of a thread.
    const metrics = async (): Promise<string> => (await fetch(`${workers.headgate.adminUrl}/metrics`)).text()
    await expect.poll(metrics, SOON).toMatch(/^headgate_replicas 2$/m)
  })

  it('without Redis share a limit, also where only one of them had a request before', async () => {
    await using own = await RedisServer.start()
    using config = new ConfigFolder(configWith(100))
    await using workers = await WorkerProcess.start(['--config', config.file, '--store', own.url])
    const consume = (): Promise<HttpAnswer> => workers.ask('/v1/consume', { attributes: { user: 'alice' } })
    expect((await consume()).body).toMatchObject({ allowed: true, source: 'store' })
    await own.crash()
    let admitted = 0
    for (let more = -1; more !== 0; admitted += more) {
      const answers = await Promise.all(times(MANY, consume))
      more = answers.filter(({ body }) => body.allowed && body.source === 'fallback').length
    }
    expect(workers.taken.size).toBe(2)
    expect(admitted).toBe(100)
  })

  it('count the requests of a token together, exactly', async () => {
    const token = newToken()
    const tokens = `tokens: [{ name: app, hash: "${tokenHash(token)}", scopes: [consume], limit: 10/h }]`
    using config = new ConfigFolder(configWith(1000, tokens))
    await using workers = await WorkerProcess.start(['--config', config.file])
    const answers = await Promise.all(
      times(MANY, () =>
        workers.ask('/v1/consume', { attributes: { user: 'alice' } }, { authorization: `Bearer ${token}` }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(workers.taken.size).toBe(2)
  })

  it('that hang hinder no change: they end, and others begin with it', async () => {
    using config = new ConfigFolder(configWith(1000))
    await using workers = await WorkerProcess.start(['--config', config.file])
    const { headgate } = workers
    // It never answers.
    void workers.poison('hang')
    await expect.poll(() => workers.died, SOON).toHaveLength(1)
    const next = configWith(2000)
    config.rename(next)
    const state = async (): Promise<unknown> => (await fetch(`${headgate.adminUrl}/readyz`)).json()
    const inForce = { ready: true, configuration: { hash: hashOf(next), rejected: null } }
    await expect.poll(state, SOON).toEqual(inForce)
    await expect
      .poll(() => headgate.log.at(-1)?.['msg'], SOON)
      .toBe('a worker serves in place of the one that ended')
    const answers = await Promise.all(times(MANY, () => workers.ask('/readyz')))
    expect(answers.map(({ body }) => body)).toEqual(times(MANY, () => inForce))
    expect((await headgate.stop()).code).toBe(0)
  })

  it('that hang are ended and replaced without a change, and the log says why', async () => {
    using config = new ConfigFolder(configWith(1000))
    await using workers = await WorkerProcess.start(['--config', config.file])
    const { headgate } = workers
    // It never answers.
    void workers.poison('hang')
    const replaced = (): boolean =>
      headgate.log.some(({ msg }) => msg === 'a worker serves in place of the one that ended')
    await expect.poll(replaced, SOON).toBe(true)
    const ended = headgate.log.filter(({ msg }) => String(msg).startsWith('a worker ended'))
    expect(ended).toMatchObject([{ err: { message: 'it did not answer for 10 s' } }])
    const answers = await Promise.all(times(MANY, () => workers.ask('/readyz')))
    expect(answers.map(({ status }) => status)).toEqual(times(MANY, () => 200))
    expect((await headgate.stop()).code).toBe(0)
  })

  it('have one that listens on a Unix socket, also after it has crashed', async () => {
    using config = new ConfigFolder(configWith(1000))
    const path = join(config.folder, 'resp.sock')
    await using workers = await WorkerProcess.start(['--config', config.file, '--resp-port', path])
    const { headgate } = workers
    const ended = (): unknown[] =>
      headgate.log.flatMap(({ msg, worker }) => (String(msg).startsWith('a worker ended') ? [worker] : []))
    const replaced = (): number =>
      headgate.log.filter(({ msg }) => msg === 'a worker serves in place of the one that ended').length
    // Which thread a request reaches is for the system to say.
    for (let crashes = 1; !ended().includes(1); crashes++) {
      await workers.poison('throw')
      await expect.poll(replaced, SOON).toBe(crashes)
    }
    const client = new RespClient(connect(path))
    expect(await client.ask('PING')).toBe('PONG')
    await client[Symbol.asyncDispose]()
    expect((await headgate.stop()).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it('show another certificate, all of them', async () => {
    const { server: first, renewed: second } = CERTIFICATES
    const tls = 'tls: { certFile: tls.crt, keyFile: tls.key, listeners: [http] }'
    using config = new ConfigFolder(configWith(1000, tls))
    const write = ({ cert, key }: Certificate): void => {
      copyFileSync(cert, join(config.folder, 'tls.crt'))
      copyFileSync(key, join(config.folder, 'tls.key'))
    }
    const fingerprintOf = ({ cert }: Certificate): string =>
      new X509Certificate(readFileSync(cert)).fingerprint256
    write(first)
    await using workers = await WorkerProcess.start(['--config', config.file])
    const { headgate } = workers
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const asked = request(`${headgate.url}/livez`, { agent: false, rejectUnauthorized: false })
        asked.on('error', reject)
        asked.on('response', (response) => {
          resolve((response.socket as TLSSocket).getPeerCertificate().fingerprint256)
          response.resume()
        })
        asked.end()
      })
    expect(new Set(await Promise.all(times(MANY, shown)))).toEqual(new Set([fingerprintOf(first)]))
    write(second)
    const inForce = (): unknown => headgate.log.filter(({ msg }) => msg === 'a certificate is in force')
    await expect.poll(inForce, SOON).toMatchObject([{}, { fingerprint: fingerprintOf(second) }])
    await expect
      .poll(async () => new Set(await Promise.all(times(MANY, shown))), SOON)
      .toEqual(new Set([fingerprintOf(second)]))
  })
})
