/** What the doctor finds about a proxy: who is let in, and whether what it needs is there. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Finding } from '../../src/cli/doctor/redis/finding.ts'
import { KeyServer, signingKey } from '../proxy/key-server.ts'
import { examine, notable } from './examine.ts'

const DAY_MS = 86_400_000
const HASH = `sha256:${'0'.repeat(64)}`

let upstream: Server
let url = ''
beforeAll(async () => {
  upstream = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
afterAll(() => upstream.close())

/** What is found about a proxy with these settings. */
function examineProxy(
  settings: string,
  { rest = '', options = {} }: { rest?: string; options?: Readonly<Record<string, string>> } = {},
): Promise<Finding[]> {
  const policies = `policies: [{ name: api, key: ip, rules: [100/min] }]\n${rest}`
  return examine('', { policies: `${policies}\nproxy: { upstream: "${url}", ${settings} }\n`, options })
}

const day = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString()
const keys = (...expires: number[]): string =>
  `apiKeys: { keys: [${expires.map((days, i) => `{ id: k${i}, hash: "${HASH}", expires: "${day(days)}" }`).join(', ')}] }`

describe('headgate doctor on a proxy', () => {
  it('finds nothing where there is nothing to do, and nothing of a service', async () => {
    const findings = await examineProxy(`hosts: [shop.example], require: apiKey, ${keys(30)}`, {
      options: { host: '0.0.0.0' },
    })
    expect(notable(findings)).toEqual({})
    const checks = findings.map(({ check }) => check)
    expect(checks).toEqual(
      expect.arrayContaining(['proxy-hosts', 'proxy-require', 'proxy-keys', 'proxy-target']),
    )
    expect(checks).not.toContain('exposure')
  })

  it('says that any host is served beyond this machine, and that nobody authenticates', async () => {
    const open = await examineProxy('accessLog: true', { options: { host: '0.0.0.0' } })
    expect(notable(open)).toEqual({
      'proxy-hosts': expect.stringMatching(/^warning: any host is served on 0\.0\.0\.0/),
      'proxy-require': 'warning: nobody has to authenticate',
    })
    expect(Object.keys(notable(await examineProxy('accessLog: true')))).toEqual(['proxy-require'])
  })

  it('names routes that are open beside others that are not', async () => {
    const findings = await examineProxy(
      `require: apiKey, ${keys(30)}, routes: [{ path: /open, require: none }]`,
    )
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'proxy-require',
        state: 'ok',
        message: 'all routes take a credential but for /open',
      }),
    )
  })

  it('names keys that have expired, and those that soon will', async () => {
    const found = await examineProxy(`require: apiKey, ${keys(-1, 13, 15)}`)
    const ofKeys = found.filter(({ check }) => check === 'proxy-keys')
    expect(ofKeys.map(({ state, message }) => `${state}: ${message}`)).toEqual([
      'error: keys have expired: k0',
      'warning: keys expire within 14 days: k1',
    ])
    expect(JSON.stringify(found)).not.toContain('000000')
  })

  it('says that passwords travel without TLS, unless that is on this machine', async () => {
    const users =
      'users: { ann: "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g" }'
    const settings = `hosts: [a.example], require: basic, basic: { ${users} }`
    const found = await examineProxy(settings, { options: { host: '0.0.0.0' } })
    expect(notable(found)).toEqual({ 'proxy-passwords': 'warning: passwords travel to 0.0.0.0 without TLS' })
    expect(notable(await examineProxy(settings))).toEqual({})
  })

  it('says which target takes no connection', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const target = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`
    gone.close()
    await once(gone, 'close')
    const found = await examineProxy(
      `require: apiKey, ${keys(30)}, routes: [{ path: /gone, upstream: "${target}" }]`,
    )
    expect(found).toContainEqual({
      check: 'proxy-target',
      about: target,
      state: 'error',
      message: 'it takes no connection (ECONNREFUSED)',
      fix: expect.any(String),
    })
    expect(found).toContainEqual(expect.objectContaining({ check: 'proxy-target', about: url, state: 'ok' }))
  })

  it('asks the issuer of tokens for its keys', async () => {
    const issuer = await new KeyServer(signingKey('k1')).listen()
    onTestFinished(() => issuer.close())
    const jwt = { rest: `jwt: { algorithms: [ES256], jwksUrl: "${issuer.url}" }` }
    expect(notable(await examineProxy('require: jwt', jwt))).toEqual({})
    issuer.answer = (response) => void response.writeHead(503).end()
    expect(notable(await examineProxy('require: jwt', jwt))).toEqual({
      'proxy-jwks': 'error: its keys cannot be had: it answers 503',
    })
  })
})
