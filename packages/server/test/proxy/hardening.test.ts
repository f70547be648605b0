import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readCors } from '../../src/config/proxy/read-cors.ts'
import { readHardening } from '../../src/config/proxy/read-hardening.ts'
import type { OwnAnswer } from '../../src/proxy/answers/own-answer.ts'
import { compileCors } from '../../src/proxy/cors/cors.ts'
import { withCorsFields } from '../../src/proxy/cors/with-cors-fields.ts'
import { CspReports } from '../../src/proxy/hardening/csp-reports.ts'
import { compileHardening } from '../../src/proxy/hardening/harden.ts'
import type { CorsSettings } from '../../src/service/proxy-settings/cors-settings.ts'
import type { HardeningSettings } from '../../src/service/proxy-settings/hardening-settings.ts'
import { type Fixture, type RawServer, rawServer, start, upstreamFixture } from './upstream-fixture.ts'

/** What an application sends that contradicts itself. */
const RESPONSE = [
  ...['HTTP/1.1 200 OK', 'Content-Length: 2', 'Server: nginx/1.0', 'X-Envoy-Upstream-Service-Time: 3'],
  ...['X-Content-Type-Options: sniff', 'X-Content-Type-Options: nosniff', 'X-Frame-Options: SAMEORIGIN'],
  ...['X-Frame-Options: DENY', 'Set-Cookie: a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'Set-Cookie: b=2'],
  ...['Access-Control-Allow-Origin: *', 'Access-Control-Allow-Credentials: true', 'Vary: accept', '', 'hi'],
].join('\r\n')

const harden = compileHardening(readHardening({ preset: 'strict', reportPath: '/csp' }) as HardeningSettings)
const cors = compileCors(readCors({ origins: ['https://app.example'], credentials: true }) as CorsSettings)

let fixture: Fixture
let upstream: RawServer
let front: ReturnType<typeof createServer>
let reports: number

beforeEach(async () => {
  fixture = upstreamFixture()
  reports = 0
  upstream = await rawServer((socket) => socket.write(RESPONSE))
  const group = fixture.group({ targets: [upstream.url] })
  const options = { paths: ['/csp'], clock: fixture.clock, onReport: () => reports++ }
  const cspReports = new CspReports(options)
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = requestOf(message)
    if (cspReports.matches(request)) return reply(response, await cspReports.answer(request, message))
    const preflight = cors.preflight(request)
    if (preflight !== null) return reply(response, preflight)
    const result = start(group)
    await result.ended
    const hardened = harden(result.fields, { isSecure: true, isOwn: false })
    response.writeHead(result.status, withCorsFields(hardened, cors.fieldsFor(request))).end(result.body)
  }
  front = createServer((message, response) => void serve(message, response))
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
})

afterEach(async () => {
  fixture.upstreams.close()
  await upstream.close()
  front.close()
  front.closeAllConnections()
})

function requestOf({ method = '', url = '', rawHeaders }: IncomingMessage) {
  const fields = rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))
  return { method, path: url, fields, contentLength: null }
}

function reply(response: ServerResponse, { status, fields, body }: OwnAnswer): void {
  response.writeHead(status, [...harden(fields, { isSecure: true, isOwn: true })]).end(body)
}

/** Lines of a response's head. */
async function ask(head: readonly string[], body = ''): Promise<string[]> {
  const socket = connect((front.address() as AddressInfo).port, '127.0.0.1')
  const lines = ['host: shop.example', `content-length: ${body.length}`, 'connection: close', '', body]
  socket.write([...head, ...lines].join('\r\n'))
  const chunks = await socket.toArray()
  return Buffer.concat(chunks).toString('latin1').split('\r\n\r\n')[0]?.split('\r\n') ?? []
}

const linesOf = (lines: readonly string[], name: string) =>
  lines.filter((line) => line.startsWith(`${name}: `))

describe('a response that contradicts itself', () => {
  it('reaches the client with each security field once, and with cookies on lines of their own', async () => {
    const lines = await ask(['GET / HTTP/1.1'])
    expect(lines[0]).toBe('HTTP/1.1 200 OK')
    expect(linesOf(lines, 'x-content-type-options')).toEqual(['x-content-type-options: nosniff'])
    expect(linesOf(lines, 'x-frame-options')).toEqual(['x-frame-options: DENY'])
    expect(linesOf(lines, 'set-cookie')).toEqual([
      'set-cookie: a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax',
      'set-cookie: b=2; Secure; HttpOnly; SameSite=Lax',
    ])
    expect(lines.join('\n')).not.toMatch(/^(?:server|x-envoy|access-control)/m)
    expect(linesOf(lines, 'vary')).toEqual(['vary: accept, origin'])
  })

  it('can be read by pages of allowed origins alone, whatever it says', async () => {
    const app = await ask(['GET / HTTP/1.1', 'origin: https://app.example'])
    expect(linesOf(app, 'access-control-allow-origin')).toEqual([
      'access-control-allow-origin: https://app.example',
    ])
    for (const origin of ['null', 'https://app.example.evil.example', 'https://app.example:8443']) {
      const lines = await ask(['GET / HTTP/1.1', `origin: ${origin}`])
      expect(lines.join('\n')).not.toContain('access-control')
    }
  })
})

describe('the application sees nothing', () => {
  it.each(['https://app.example', 'https://evil.example'])('of a preflight of %s', async (origin) => {
    const asks = [`origin: ${origin}`, 'access-control-request-method: PUT']
    const lines = await ask(['OPTIONS /orders HTTP/1.1', ...asks])
    expect(lines[0]).toBe('HTTP/1.1 204 No Content')
    expect(linesOf(lines, 'access-control-allow-origin')).toHaveLength(
      origin === 'https://app.example' ? 1 : 0,
    )
    expect(upstream.received).toEqual([])
  })

  it.each([
    ['204 No Content', '{"csp-report":{}}', 1],
    ['400 Bad Request', '{', 0],
    ['413 Payload Too Large', 'x'.repeat(20_000), 0],
  ])('of a report that is answered with %s', async (status, body, count) => {
    const lines = await ask(['POST /csp HTTP/1.1', 'content-type: application/csp-report'], body)
    expect(lines[0]).toBe(`HTTP/1.1 ${status}`)
    expect(linesOf(lines, 'cache-control')).toEqual(['cache-control: no-store'])
    expect(reports).toBe(count)
    expect(upstream.received).toEqual([])
  })
})
