import { once } from 'node:events'
import { connect, constants } from 'node:http2'
import { expect, it } from 'vitest'
import { grpcServer } from '../grpc-server.ts'

const PINGS = 3000

it('a connection of gRPC that is ended tells its client and the service why', async () => {
  await using server = await grpcServer()
  const told: unknown[] = []
  server.service.on('connection-ended', (event) => told.push(event))
  const session = connect(`http://${server.target}`, { maxOutstandingPings: PINGS })
  session.on('error', () => {})
  const goaway = once(session, 'goaway')
  await once(session, 'connect')
  for (let i = 0; i < PINGS; i++) session.ping(() => {})
  const [code, , text] = await goaway
  const message = String(text)
  expect([code, message]).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM, expect.stringContaining('pings')])
  expect(told).toEqual([{ transport: 'grpc', reason: 'calm', message }])
  session.destroy()
})
