import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Certificate } from '../../../limiter/test/harness/certificates.ts'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { answer, type Fixture, send, upstreamFixture } from './upstream-fixture.ts'

let fixture: Fixture
const servers: Server[] = []
let sockets: TLSSocket[]

beforeEach(() => {
  fixture = upstreamFixture()
  sockets = []
})

afterEach(async () => {
  fixture.upstreams.close()
  for (const socket of sockets) socket.destroy()
  for (const server of servers.splice(0)) {
    server.close()
    await once(server, 'close')
  }
})

/** A target that shows a certificate; the port at which it is. */
async function serve(pair: Certificate): Promise<number> {
  const server = createServer({ ...pemOf(pair), ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', () => socket.write(answer(`${socket.alpnProtocol} ${socket.servername}`)))
  })
  servers.push(server)
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const { ca } = CERTIFICATES

describe('a target of https', () => {
  it.each([
    ['localhost', 'http/1.1 localhost'],
    ['127.0.0.1', 'http/1.1 false'],
  ])('is asked for its own name, whatever host a request names: %s', async (host, body) => {
    const port = await serve(CERTIFICATES.server)
    const group = fixture.group({ targets: [`https://${host}:${port}`], ca })
    for (const name of ['shop.example', 'elsewhere.example']) {
      expect(await send(group, { fields: ['host', name] })).toMatchObject({ status: 200, body })
    }
    expect(sockets.length).toBe(1)
  })

  it.each([
    ['an authority that is not known', CERTIFICATES.server, CERTIFICATES.wrongCa],
    ['the authorities of the system alone', CERTIFICATES.server, null],
    ['a certificate that has expired', CERTIFICATES.expired, ca],
    ['a certificate of another host, also where the request names that', CERTIFICATES.wrongHost, ca],
  ])('is not sent anything under %s', async (_, pair, authority) => {
    const port = await serve(pair)
    const group = fixture.group({ targets: [`https://localhost:${port}`], ca: authority })
    const result = await send(group, { fields: ['host', 'elsewhere.example'] })
    expect(result.failure).toMatchObject({ outcome: 'upstream-unreachable', why: 'connect-failed' })
    expect(sockets.map(({ bytesRead }) => bytesRead)).toEqual(sockets.map(() => 0))
  })
})
