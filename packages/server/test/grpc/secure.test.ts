/** TLS, Unix sockets, caps and dead peers of gRPC, by clients of grpc-js. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentials } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { CERTIFICATES, pemOf, tlsOf } from '../protocol/secure-listener.ts'
import { GrpcClient, LIMITER, servedBy } from './grpc-server.ts'

const { ca, wrongCa, server: pair, client, stranger } = CERTIFICATES
const ALICE = { attributes: { user: 'alice' } }

async function consumeOnce(target: string, channel = credentials.createInsecure()): Promise<unknown> {
  using asking = new GrpcClient(target, LIMITER, channel)
  return await asking.ask('Consume', ALICE, { deadlineMs: 10_000 }).then(
    ({ remaining }) => remaining,
    ({ code, details }) => `${code} ${details}`,
  )
}

function trusting(authority: string, own: Parameters<typeof pemOf>[0] | null = null) {
  const root = Buffer.from(authority)
  if (own === null) return credentials.createSsl(root)
  const { cert, key } = pemOf(own)
  return credentials.createSsl(root, key, cert)
}

describe.each(GRPC_ENGINES)('gRPC with TLS, served by %s', (engine) => {
  const serve = servedBy(engine)

  it('is spoken to those who trust its authority, by h2 alone', async () => {
    await using server = await serve(undefined, undefined, undefined, { tls: await tlsOf(pair) })
    expect(await consumeOnce(server.target, trusting(ca))).toBe(4)
    expect(await consumeOnce(server.target, trusting(wrongCa))).toMatch(/^14 /)
    expect(await consumeOnce(server.target)).toMatch(/^14 /)
  })

  it('takes those with a certificate of the authority for clients, and nobody else', async () => {
    await using server = await serve(undefined, undefined, undefined, { tls: await tlsOf(pair, ca) })
    expect(await consumeOnce(server.target, trusting(ca, client))).toBe(4)
    expect(await consumeOnce(server.target, trusting(ca))).toMatch(/^14 /)
    expect(await consumeOnce(server.target, trusting(ca, stranger))).toMatch(/^14 /)
  })
})

describe.each(GRPC_ENGINES)('gRPC on a Unix socket, served by %s', (engine) => {
  const serve = servedBy(engine)

  it('is spoken there as on a port', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-grpc-'))
    try {
      const path = join(folder, 'grpc.sock')
      await using server = await serve(undefined, undefined, undefined, { address: { path } })
      expect(server.target).toBe(`unix:${path}`)
      expect(await consumeOnce(server.target)).toBe(4)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe.each(GRPC_ENGINES)('connections of gRPC, served by %s', (engine) => {
  const serve = servedBy(engine)

  it('are capped of one peer', async () => {
    await using server = await serve(undefined, undefined, undefined, { maxConnectionsPerPeer: 1 })
    const refused: string[] = []
    server.service.on('connection-refused', ({ reason }) => refused.push(reason))
    const [host = '', port] = server.target.split(':')
    const first = connect(Number(port), host)
    await once(first, 'connect')
    expect(await consumeOnce(server.target)).toMatch(/^14 /)
    expect(new Set(refused)).toEqual(new Set(['peer']))
    first.destroy()
    await expect.poll(() => server.transport.connections?.()).toBe(0)
    expect(await consumeOnce(server.target)).toBe(4)
  })

  it('are told to go elsewhere when the server drains, after what is under way', async () => {
    await using server = await serve()
    const session = connectHttp2(`http://${server.target}`)
    await once(session, 'connect')
    const goaway = once(session, 'goaway')
    const drained = server.transport.drain()
    await goaway
    session.close()
    await drained
    expect(await consumeOnce(server.target)).toMatch(/^14 /)
  })
})
