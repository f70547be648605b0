import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import { expect, it } from 'vitest'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { PREFACE, settings, settingsAck } from './octets.ts'
import { ProbeServer } from './probe-server.ts'

it('ends a connection of TLS 1.2 whose client negotiates again (RFC 9113, section 9.2.1)', async () => {
  await using server = new ProbeServer()
  const port = await server.listen(createServer({ ...pemOf(CERTIFICATES.server), ALPNProtocols: ['h2'] }))
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
  socket.on('error', () => {})
  socket.write(Buffer.concat([PREFACE, settings(), settingsAck]))
  await once(socket, 'data')
  const renegotiated: (Error | null)[] = []
  const hasClosed = once(socket, 'close')
  socket.renegotiate({ rejectUnauthorized: false }, (error) => renegotiated.push(error))
  socket.resume()
  await hasClosed
  expect(renegotiated).not.toContain(null)
})
