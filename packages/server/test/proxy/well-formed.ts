/** Sends what ordinary programs send, and says what did not arrive as it was. */
import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request as requestOf, type ServerResponse } from 'node:http'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { CLIENT_PROFILES, CLIENT_TARGETS, type ClientProfile } from './client-profiles.ts'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

/** Of octets, of which each body is a part. */
const OCTETS = randomFillSync(Buffer.alloc(400_000))
const BODY_MAX = 200_000
/** Fields of the connection, or in place of which ours arrive. */
const NOT_FORWARDED = new Set([
  'connection',
  'upgrade',
  'http2-settings',
  'te',
  'expect',
  'transfer-encoding',
])

/** A proxy with its usual settings, in front of an application that sends back what it gets. */
export class WellFormed implements AsyncDisposable {
  readonly proxy: ProxyUnderTest
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  private constructor(proxy: ProxyUnderTest) {
    this.proxy = proxy
  }

  static async open(): Promise<WellFormed> {
    return new WellFormed(
      await startProxy(
        'policies: [{ name: ip, key: ip, rules: [{ limit: 1000000000/s }] }]\nproxy: { hardening: strict }',
        {
          answer: echo,
        },
      ),
    )
  }

  /** Sends one request, and throws where it is refused or changed. */
  async once(random: Random): Promise<void> {
    const profile = random.pick(CLIENT_PROFILES)
    const method = random.pick(profile.methods)
    const target = random.pick(CLIENT_TARGETS)
    const kind =
      method === 'GET' || method === 'HEAD' || profile.bodies.length === 0
        ? null
        : random.pick(profile.bodies)
    const body = kind === null ? Buffer.alloc(0) : bodyOf(random)
    const framing =
      kind === 'sized'
        ? ['Content-Length', String(body.length)]
        : kind === 'chunked'
          ? ['Transfer-Encoding', 'chunked']
          : []
    const fields = ['Host', 'shop.example', ...profile.fields, ...framing]
    this.proxy.seen.length = 0
    const { status, text } = await this.#send({ method, path: target, fields, body, random })
    const about = `${profile.name}: ${method} ${target} with ${body.length} octets, ${kind}`
    assert.equal(status, 200, `${about}: ${status} ${text.toString('latin1', 0, 300)}`)
    this.#check({ profile, method, target, body }, about)
    assert.ok(text.equals(method === 'HEAD' ? Buffer.alloc(0) : body), `${about}: another body came back`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
    await this.proxy[Symbol.asyncDispose]()
  }

  async #send({ method, path, fields, body, random }: Sending): Promise<{ status: number; text: Buffer }> {
    const request = requestOf({
      ...{ port: this.proxy.port, host: '127.0.0.1', agent: this.#agent, method, path, headers: fields },
    })
    const waits = fields.includes('Expect') && body.length > 0
    if (waits) {
      request.flushHeaders()
      await once(request, 'continue')
    }
    for (let at = 0; at < body.length; ) {
      const to = at + random.between(1, body.length)
      request.write(body.subarray(at, to))
      at = to
    }
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const pieces: Buffer[] = []
    for await (const piece of response) pieces.push(piece as Buffer)
    return { status: response.statusCode ?? 0, text: Buffer.concat(pieces) }
  }

  #check({ profile, method, target, body }: Sent, about: string): void {
    const [seen, ...more] = this.proxy.seen
    assert.ok(seen !== undefined && more.length === 0, `${about}: ${this.proxy.seen.length} arrived`)
    assert.equal(seen.method, method, about)
    assert.equal(seen.url, target, about)
    assert.ok(seen.body.equals(body), `${about}: another body arrived`)
    for (let i = 0; i < profile.fields.length; i += 2) {
      const [name = '', value = ''] = profile.fields.slice(i, i + 2)
      if (NOT_FORWARDED.has(name.toLowerCase())) continue
      const at = seen.rawHeaders.findIndex(
        (one, j) => j % 2 === 0 && one.toLowerCase() === name.toLowerCase(),
      )
      assert.equal(seen.rawHeaders[at + 1], value, `${about}: ${name}`)
    }
  }
}

interface Sent {
  readonly profile: ClientProfile
  readonly method: string
  readonly target: string
  readonly body: Buffer
}

interface Sending {
  readonly method: string
  readonly path: string
  readonly fields: string[]
  readonly body: Buffer
  readonly random: Random
}

function bodyOf(random: Random): Buffer {
  const length = random.pick([0, 1, random.below(1000), random.below(20_000), random.below(BODY_MAX)])
  const at = random.below(OCTETS.length - length)
  return OCTETS.subarray(at, at + length)
}

/** By turns with a length and in chunks. */
function echo(_: IncomingMessage, response: ServerResponse, body: Buffer): void {
  response.setHeader('content-type', 'application/octet-stream')
  if (body.length % 2 === 0) response.setHeader('content-length', body.length)
  else response.write(body.subarray(0, body.length >> 1))
  response.end(body.length % 2 === 0 ? body : body.subarray(body.length >> 1))
}
