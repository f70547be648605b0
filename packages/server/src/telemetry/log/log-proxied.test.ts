import { createSecretKey } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY_CHARACTER } from '../../../../limiter/test/any-character.ts'
import type { Configuration } from '../../service/configuration.ts'
import { Events } from '../../service/events.ts'
import type { RequestProxied } from '../../service/proxy-events.ts'
import { createLog, type LogOptions } from './create-log.ts'
import { logProxied } from './log-proxied.ts'

const PROXIED: RequestProxied = {
  outcome: 'ok',
  status: 200,
  method: 'GET',
  path: '/v2/orders',
  host: 'shop.example',
  route: '/v2',
  ip: '203.0.113.7',
  principal: 'apikey:k1',
  requestId: 'r-1',
  policy: null,
  target: 'http://127.0.0.1:3000',
  bytesOut: 512,
  durationMs: 1.23456,
  upstreamMs: 1.00049,
  trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  isLogged: true,
}
const BARE: RequestProxied = { ...PROXIED, principal: null, target: null, upstreamMs: null, trace: null }
const hashKeys = { secret: createSecretKey(Buffer.alloc(32, 7)) }

/** A log of what is told, and each text that it wrote. */
function accessLog(
  options: Partial<LogOptions> = {},
  configuration: Pick<Configuration, 'hashKeys'> = {},
): { tell: (event: RequestProxied) => void; flush: () => void; written: string[] } {
  const written: string[] = []
  const output = { write: (lines: string) => void written.push(lines), lost: 0, close: async () => {} }
  const opened = createLog({ level: 'info', format: 'json', open: () => output, ...options })
  const events = new Events()
  const { flush } = logProxied(opened, {
    on: (name, listener) => events.on(name, listener),
    configuration: () => configuration,
  })
  return { tell: (event) => events.emit('proxied', event), flush, written }
}

function lineOf(event: RequestProxied, configuration: Pick<Configuration, 'hashKeys'> = {}): string {
  const { tell, flush, written } = accessLog({}, configuration)
  tell(event)
  flush()
  return written.join('')
}

describe('logProxied', () => {
  it('writes what became of a request as one line of the log', () => {
    expect(JSON.parse(lineOf(PROXIED))).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      pid: process.pid,
      requestId: 'r-1',
      method: 'GET',
      host: 'shop.example',
      path: '/v2/orders',
      route: '/v2',
      status: 200,
      outcome: 'ok',
      ip: '203.0.113.7',
      principal: 'apikey:k1',
      target: 'http://127.0.0.1:3000',
      trace: PROXIED.trace,
      bytesOut: 512,
      durationMs: 1.235,
      upstreamMs: 1,
      msg: 'proxied',
    })
  })

  it('leaves out what there is none of', () => {
    const line = JSON.parse(lineOf({ ...BARE, policy: 'api', status: 429, outcome: 'rate-limited' }))
    expect(line).toMatchObject({ policy: 'api', status: 429, outcome: 'rate-limited' })
    for (const name of ['principal', 'target', 'trace', 'upstreamMs']) expect(line).not.toHaveProperty(name)
  })

  it('writes nothing where no line is wanted, or the log has a higher level', () => {
    expect(lineOf({ ...PROXIED, isLogged: false })).toBe('')
    const { tell, flush, written } = accessLog({ level: 'warn' })
    tell(PROXIED)
    flush()
    expect(written).toEqual([])
  })

  it('keeps any text within its line and its string, and without control characters', () => {
    const texts = fc.oneof(
      fc.string({ unit: ANY_CHARACTER }),
      fc.constant('\u001b[2J\r\n","status":200,"x":"\u009b\u2028'),
    )
    fc.assert(
      fc.property(fc.array(texts, { minLength: 6, maxLength: 6 }), (given) => {
        const [path = '', host = '', requestId = '', principal = '', method = '', trace = ''] = given
        const line = lineOf({ ...PROXIED, path, host, requestId, principal, method, trace })
        const isPlain = Array.from(line.slice(0, -1)).every((one) => /[^\p{Cc}\u2028\u2029]/u.test(one))
        expect(isPlain && line.endsWith('}\n')).toBe(true)
        expect(JSON.parse(line)).toMatchObject({
          path,
          host,
          requestId,
          principal,
          method,
          trace,
          status: 200,
        })
      }),
    )
  })

  it('cuts a text that is very long', () => {
    const { path } = JSON.parse(lineOf({ ...PROXIED, path: `/${'a'.repeat(10_000)}` }))
    expect(path).toHaveLength(2001)
    expect(path.endsWith('a…')).toBe(true)
  })

  it('hashes whom it is about where keys are hashed, the same alike', () => {
    const one = lineOf({ ...PROXIED, principal: 'jwt:alice' }, { hashKeys })
    const { ip, principal } = JSON.parse(one)
    expect(ip).toMatch(/^~h[\w-]{24}$/)
    expect(principal).toMatch(/^jwt:~h[\w-]{24}$/)
    expect(one).not.toMatch(/203\.0\.113|alice/)
    expect(JSON.parse(lineOf({ ...PROXIED, principal: 'jwt:alice' }, { hashKeys }))).toMatchObject({
      ip,
      principal,
    })
    expect(JSON.parse(lineOf({ ...PROXIED, ip: '203.0.113.8' }, { hashKeys })).ip).not.toBe(ip)
    expect(JSON.parse(lineOf({ ...PROXIED, ip: 'fe80::1' }, { hashKeys })).ip).toMatch(/^~h[\w-]{24}$/)
  })

  it('writes the lines of a turn together, and a flood of them in parts', async () => {
    const { tell, written } = accessLog()
    for (let i = 0; i < 3; i++) tell(BARE)
    expect(written).toEqual([])
    await nextTurn()
    expect(written.map((text) => text.split('\n').length - 1)).toEqual([3])
    for (let i = 0; i < 1000; i++) tell(BARE)
    await nextTurn()
    expect(written.length).toBeGreaterThan(2)
    expect(Math.max(...written.map(({ length }) => length))).toBeLessThan(20_000)
    expect(written.join('').split('\n')).toHaveLength(1004)
  })

  it('writes for people where the log does', async () => {
    const { tell, written } = accessLog({ format: 'text' })
    tell(BARE)
    tell({ ...BARE, path: '/a b\u009b' })
    await nextTurn()
    const [first = '', second = ''] = written.join('').split('\n')
    expect(first).toMatch(
      /^\d{4}-.*Z info {2}proxied requestId=r-1 method=GET host=shop\.example path=\/v2\/orders /,
    )
    expect(second).toContain('path="/a b\\u009b"')
  })
})
