import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it } from 'vitest'
import { endResponse } from '../../src/proxy/respond/end-response.ts'

const PIECE = Buffer.alloc(64 * 1024)
const IDLE_MS = 200

it('I-47 a response that its client never takes ends its connection', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
  client.on('error', () => {})
  client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  while (response.writableLength === 0) {
    response.write(PIECE)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // From here on nothing is forwarded that could be found to stall.
  const { socket } = response
  let isSent = false
  response.on('finish', () => {
    isSent = socket?.destroyed === false
  })
  endResponse(response, PIECE, IDLE_MS)
  await once(response, 'close')
  expect(isSent).toBe(false)
  client.destroy()
  server.close()
  await once(server, 'close')
})

it('one that is taken leaves its connection as it is', async () => {
  const server = createServer((_, response) => endResponse(response, PIECE, 1)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (let i = 0; i < 3; i++) expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(PIECE.length)
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})
