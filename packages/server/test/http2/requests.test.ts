import { type ClientHttp2Session, connect } from 'node:http2'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Http2Handler } from '../../src/http2/http2-handler.ts'
import { Http2Server } from '../../src/http2/http2-server.ts'

const LIMITS = {
  streamsMax: 128,
  requestTimeoutMs: 10_000,
  keepaliveMs: 60_000,
  keepaliveTimeoutMs: 20_000,
  ageMs: 300_000,
  ageGraceMs: 30_000,
}

/** Answers with what was sent. */
const echo: Http2Handler = {
  onRequest: (stream, _head, isWhole) => {
    const parts: Buffer[] = []
    stream.state = parts
    if (isWhole) stream.respond([{ name: ':status', value: '204' }], null, null)
  },
  onData: (stream, octets, start, end) => {
    ;(stream.state as Buffer[]).push(Buffer.from(octets.subarray(start, end)))
  },
  onEnd: (stream) => {
    const body = Buffer.concat(stream.state as Buffer[])
    stream.respond([{ name: ':status', value: '200' }], body, [{ name: 'length', value: `${body.length}` }])
  },
  onAborted: () => undefined,
  onDrain: () => undefined,
}

async function withClient(run: (client: ClientHttp2Session) => Promise<void>): Promise<void> {
  const server = new Http2Server(echo, LIMITS)
  const listener = createServer((socket) => server.take(socket, socket.remoteAddress))
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address() as { port: number }
  const client = connect(`http://127.0.0.1:${address.port}`)
  try {
    await run(client)
  } finally {
    client.destroy()
    server.destroy()
    await new Promise((resolve) => listener.close(resolve))
  }
}

function ask(client: ClientHttp2Session, body: Buffer): Promise<{ body: Buffer; length: unknown }> {
  return new Promise((resolve, reject) => {
    const request = client.request({ ':method': 'POST', ':path': '/echo' })
    const parts: Buffer[] = []
    let length: unknown
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('trailers', (trailers) => {
      length = trailers['length']
    })
    request.on('error', reject)
    request.on('end', () => resolve({ body: Buffer.concat(parts), length }))
    request.end(body)
  })
}

describe('a server of HTTP/2', () => {
  it('answers many requests at once, whatever their length', async () => {
    await withClient(async (client) => {
      const bodies = Array.from({ length: 50 }, (_, i) => Buffer.alloc(i * 1500, i))
      const answers = await Promise.all(bodies.map((body) => ask(client, body)))
      for (const [i, answer] of answers.entries()) {
        expect(answer.body.equals(bodies[i] as Buffer)).toBe(true)
        if (i > 0) expect(answer.length).toBe(`${i * 1500}`)
      }
    })
  })
})
