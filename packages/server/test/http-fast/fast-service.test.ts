/** The HTTP API with its fast path as it listens: where it is, whom it counts, and where it is not. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { createHttpTransport } from '../../src/transports/http/http-transport.ts'
import { type ListeningService, listening } from '../protocol/listening-service.ts'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'
import { post } from './fast-server.ts'

const BODY = '{"attributes":{"user":"alice"}}'

/** Asks on a connection, and resolves with the answer. */
async function ask(socket: Socket, lines: readonly string[] = [], body = BODY): Promise<string> {
  socket.write(post(body, lines))
  const [octets] = await once(socket, 'data')
  return String(octets)
}

function counted({ transport }: ListeningService): object {
  const { answered = -1, handedOver = {} } = transport.fastPath?.() ?? {}
  return { answered, ...Object.fromEntries(Object.entries(handedOver).filter(([, count]) => count > 0)) }
}

describe('the fast path of a service', () => {
  const token = newToken()

  it('answers on a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-fast-'))
    try {
      await using served = await listening({ address: { path: join(folder, 'x.sock') } })
      expect(await ask(await served.connect())).toContain('"remaining":9')
      expect(counted(served)).toEqual({ answered: 1 })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('answers over TLS, and hands over there as well', async () => {
    await using served = await listening({ tls: await tlsOf(CERTIFICATES.server) })
    const { port } = new URL(served.url)
    const socket = connectTls({ port: Number(port), host: '127.0.0.1', ca: CERTIFICATES.ca })
    expect(await ask(socket)).toContain('"remaining":9')
    expect(await ask(socket, ['TE: trailers'])).toContain('"remaining":8')
    expect(await ask(socket)).toContain('"remaining":7')
    expect(counted(served)).toEqual({ answered: 1, field: 1 })
    socket.destroy()
  })

  it('holds its connections to the limit of a peer, and gives their places back', async () => {
    await using served = await listening({ maxConnectionsPerPeer: 1 })
    const first = await served.connect()
    await ask(first)
    await once(await served.connect(), 'close')
    expect(served.refused).toEqual(['peer'])
    first.destroy()
    await expect.poll(() => served.transport.connections?.()).toBe(0)
    expect(await ask(await served.connect())).toContain('"remaining":8')
  })

  it('says what is wrong with a body, and keeps the connection', async () => {
    const tokens = `tokens: [{ name: t, hash: "${tokenHash(token)}", scopes: [consume], limit: 4/min }]`
    await using served = await listening(
      {},
      `${tokens}\npolicies: [{ name: api, key: user, rules: [10/min] }]`,
    )
    const own = [`X-Headgate-Token: ${token}`]
    const socket = await served.connect()
    expect(await ask(socket, own, '{"attributes":{"user":"alice"},"cots":1}')).toContain('"cots\\')
    expect(await ask(socket, own, '{"attributes":{"user":"alice"')).toContain('the body is not JSON')
    expect(await ask(socket, own)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await ask(socket, own)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await ask(socket, own)).toMatch(/^HTTP\/1\.1 429 .*problem\+json.*"code":"limited"/s)
    expect(await ask(socket)).toMatch(/^HTTP\/1\.1 401 .*www-authenticate: Bearer/s)
    expect(counted(served)).toEqual({ answered: 6 })
  })

  it.each([true, false])(
    'takes none of two tokens, and none of two hosts: fast path %s',
    async (hasFastPath) => {
      const own = `Authorization: Bearer ${token}`
      const tokens = `tokens: [{ name: t, hash: "${tokenHash(token)}", scopes: [consume] }]`
      await using served = await listening(
        { hasFastPath },
        `${tokens}\npolicies: [{ name: api, key: user, rules: [10/min] }]`,
      )
      const socket = await served.connect()
      expect(await ask(socket, [own])).toMatch(/^HTTP\/1\.1 200 /)
      expect(await ask(socket, [own, 'Authorization: Bearer x'])).toMatch(/^HTTP\/1\.1 401 /)
      expect(await ask(socket, ['Authorization: Bearer x', own])).toMatch(/^HTTP\/1\.1 401 /)
      expect(await ask(socket, [own, 'Host: b'])).toMatch(/^HTTP\/1\.1 400 .*host is there more than once/s)
      expect(await ask(socket, [own])).toMatch(/^HTTP\/1\.1 200 /)
    },
  )

  it('is not there where it is turned off', async () => {
    await using served = await listening()
    const transport = createHttpTransport(served.service, {
      address: { host: '127.0.0.1', port: 0 },
      flag: '--port',
      maxConnections: 1,
      maxConnectionsPerPeer: 1,
      tls: null,
      hasFastPath: false,
    })
    expect(transport.fastPath).toBeUndefined()
  })
})
