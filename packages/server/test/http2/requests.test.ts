import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { Http2Server } from '../../src/http2/http2-server.ts'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { LIMITS, NotingHandler, OK, rethrow } from './wire.ts'
import { frame, Listener, PREFACE, Speaker, settings, settingsAck, windowUpdate } from './wire-frames.ts'

/** A server on sockets of the system. */
class Listening implements AsyncDisposable {
  readonly notes = new NotingHandler()
  readonly server = new Http2Server(this.notes, LIMITS, { onFault: rethrow })
  readonly #listener: Server
  readonly #scheme: string

  constructor(scheme: 'http' | 'https') {
    const take = (socket: Socket): void => this.server.take(socket, socket.remoteAddress)
    this.#scheme = scheme
    this.#listener =
      scheme === 'http'
        ? createServer(take)
        : createTlsServer({ ...pemOf(CERTIFICATES.server), ALPNProtocols: ['h2'] }, take)
  }

  async listen(): Promise<this> {
    this.#listener.listen(0, '127.0.0.1')
    await once(this.#listener, 'listening')
    return this
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port
  }

  client(): ClientHttp2Session {
    return connect(`${this.#scheme}://127.0.0.1:${this.port}`, { rejectUnauthorized: false })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.destroy()
    this.#listener.close()
    await once(this.#listener, 'close')
  }
}

interface Answer {
  readonly body: Buffer
  readonly end: unknown
}

function ask(client: ClientHttp2Session, body: Buffer, path = '/'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = client.request({ ':method': 'POST', ':path': path })
    const parts: Buffer[] = []
    let end: unknown
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('trailers', (trailers) => {
      end = trailers['end']
    })
    request.on('error', reject)
    request.on('end', () => resolve({ body: Buffer.concat(parts), end }))
    request.end(body)
  })
}

describe.each(['http', 'https'] as const)('a server of HTTP/2 on sockets of %s', (scheme) => {
  it('answers many requests at once, whatever their length', async () => {
    await using listening = await new Listening(scheme).listen()
    const client = listening.client()
    const bodies = Array.from({ length: 50 }, (_, i) => Buffer.alloc(i * 1500, i))
    const answers = await Promise.all(bodies.map((body) => ask(client, body)))
    for (const [i, answer] of answers.entries()) {
      expect(answer.body.equals(bodies[i] as Buffer)).toBe(true)
      expect(answer.end).toBe('yes')
    }
    client.destroy()
  })

  it('ends behind the last answer, and no client sees an error', async () => {
    await using listening = await new Listening(scheme).listen()
    const client = listening.client()
    await ask(client, Buffer.from('one'))
    const late = ask(client, Buffer.from('two'), '/quiet')
    await expect.poll(() => listening.notes.notes.at(-1)).toBe('end /quiet')
    const isTold = once(client, 'goaway')
    listening.server.drain()
    await isTold
    const hasClosed = once(client, 'close')
    listening.notes.stream('/quiet').respond(OK, Buffer.alloc(60_000, 'x'), null)
    expect((await late).body.length).toBe(60_000)
    await hasClosed
  })
})

describe('the last answer of a connection', () => {
  it('arrives whole, though the client goes on sending what nobody reads', async () => {
    await using listening = await new Listening('http').listen()
    const MANY = 3_000_000
    listening.notes.whenRequested = (stream) => stream.respond(OK, Buffer.alloc(MANY, 'x'), null)
    const socket = connectSocket(listening.port, '127.0.0.1')
    const greeting = [PREFACE, settings([4, 1 << 30]), settingsAck(), windowUpdate(0, 1 << 30)]
    const speaker = new Speaker()
    socket.write(Buffer.concat([...greeting, speaker.get(1)]))
    await expect.poll(() => listening.notes.notes.length).toBe(1)
    listening.server.drain()
    // The answer to what the server asks behind its notice: then nothing of the rest is taken up.
    const pong = frame({ type: 'PING', flags: 1, payload: Buffer.from('3ff0000000000000', 'hex') })
    const more = Array.from({ length: 20_000 }, (_, i) => speaker.get(2 * i + 3))
    socket.write(Buffer.concat([pong, ...more]))
    const listener = new Listener()
    const heard: string[] = []
    socket.on('data', (octets: Buffer) => heard.push(...listener.hear(octets)))
    await once(socket, 'end')
    expect(listener.body(1).length).toBe(MANY)
    expect(heard.at(-1)).toMatch(/^(GOAWAY 1 NO_ERROR|DATA 1 \d+ END)$/)
    socket.destroy()
  })
})
