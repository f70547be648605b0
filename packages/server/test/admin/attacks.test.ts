import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { VIEWERS_MAX } from '../../src/service/observe/watchers.ts'
import { type AdminServer, adminOf } from './admin-server.ts'
import { ATTACKED, ATTACKS } from './attacks.ts'

const HOLDERS = ['admin', 'reader', 'spender', 'shop']

let admin: AdminServer
let changes: number

beforeAll(async () => {
  admin = await adminOf(ATTACKED)
  changes = 0
  admin.service.on('change', () => changes++)
  await admin.at.consume({ user: 'alice', apiKey: 'sk_live_secret' })
})

afterAll(() => admin[Symbol.asyncDispose]())

/** What nobody may learn. */
function secrets(): string[] {
  const tokens = HOLDERS.map((name) => admin.tokenOf(name))
  const hashes = tokens.map((token) => tokenHash(token).slice('sha256:'.length))
  return [...tokens, ...hashes, 'sk_live', '9f2c6b1d4e8a7053', 'node_modules', 'at file:', '.ts:']
}

async function expectUnharmed(): Promise<void> {
  expect((await admin.ask('/livez')).status).toBe(200)
  const { status, json } = await admin.ask('/v1/policies', { as: 'reader' })
  expect([status, json.policies.length]).toEqual([200, 3])
  expect(changes).toBe(0)
  expect(Reflect.get({}, 'isPolluted')).toBeUndefined()
}

describe('an attack on the admin listener', () => {
  it.each(ATTACKS)('is refused: $name', async ({ bytes, statuses }) => {
    const answer = await admin.send(bytes(admin))
    const given = [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
    expect(given).toEqual(statuses)
    for (const secret of secrets()) expect(answer).not.toContain(secret)
    expect(answer).not.toMatch(/^(access-control-|set-cookie|x-powered-by|server:)/im)
    await expectUnharmed()
  })

  it('by a thousand guessed tokens finds none', async () => {
    const socket = await admin.connect()
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk))
    for (let i = 0; i < 1000; i++) {
      const last = i === 999 ? 'connection: close\r\n' : ''
      socket.write(
        `GET /v1/stats HTTP/1.1\r\nhost: ${admin.host}\r\nx-headgate-token: ${newToken()}\r\n${last}\r\n`,
      )
    }
    await once(socket, 'close')
    expect(text.match(/HTTP\/1\.1 401/g)).toHaveLength(1000)
    expect(text).not.toMatch(/HTTP\/1\.1 [^4]/)
    await expectUnharmed()
  })

  it('by streams that nobody ends leaves room for other requests', async () => {
    const head = `GET /v1/events HTTP/1.1\r\nhost: ${admin.host}\r\nauthorization: Bearer ${admin.tokenOf('reader')}\r\n\r\n`
    const sockets = await Promise.all(
      Array.from({ length: VIEWERS_MAX + 20 }, async () => {
        const socket = await admin.connect()
        socket.write(head)
        const [first] = await once(socket, 'data')
        return { socket, isFull: String(first).startsWith('HTTP/1.1 503') }
      }),
    )
    expect(sockets.filter(({ isFull }) => isFull)).toHaveLength(20)
    await expectUnharmed()
    for (const { socket } of sockets) socket.destroy()
    await expect.poll(() => admin.at.watching(), { interval: 2 }).toBe(0)
  })

  it('by connections that say nothing, or half of a request, keeps nobody from being answered', async () => {
    const token = admin.tokenOf('admin')
    const halves = [
      '',
      'GET /v1/pol',
      `POST /v1/block HTTP/1.1\r\nhost: ${admin.host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"key"`,
    ]
    const sockets = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const socket = await admin.connect()
        socket.write(halves[i % halves.length] as string)
        return socket
      }),
    )
    await expectUnharmed()
    // Of what ends in the middle nothing comes.
    for (const socket of sockets) socket.end()
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')))
    await expectUnharmed()
  })
})

describe('a browser of an operator', () => {
  it.each([
    ['of the same origin', { origin: '', 'sec-fetch-site': 'same-origin' }, 200],
    ['by the address bar', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
  ])('%s may look', async (_, { origin, ...fields }: Record<string, string>, status) => {
    const own = origin === undefined ? {} : { origin: `http://${admin.host}` }
    const answer = await admin.ask('/v1/stats', { as: 'reader', headers: { ...fields, ...own } })
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    })
  })

  it('reaches it by the names that the configuration gives', async () => {
    const ask = (host: string) => admin.ask('/livez', { headers: { host } })
    expect((await ask('limits.internal:9090')).status).toBe(403)
    const { hash: _, ...configuration } = admin.service.configuration()
    admin.service.apply({ ...configuration, admin: { hosts: ['limits.internal'] }, hash: 'b' })
    for (const host of ['limits.internal:9090', 'LIMITS.internal', 'localhost', '[::1]:9090', '192.0.2.1']) {
      expect((await ask(host)).status).toBe(200)
    }
    expect((await ask('evil.example')).status).toBe(403)
  })
})
