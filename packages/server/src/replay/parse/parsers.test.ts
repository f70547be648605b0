import { describe, expect, it } from 'vitest'
import { CombinedParser } from './combined-parser.ts'
import { CsvParser } from './csv-parser.ts'
import { EnvoyParser } from './envoy-parser.ts'
import { FieldMap, readColumns } from './field-map.ts'
import { guessFormat } from './guess-format.ts'
import { JsonParser } from './json-parser.ts'
import type { LineParser, ParsedLine } from './line-parser.ts'

const parse = (parser: LineParser, line: string): ParsedLine => {
  // In the midst of other bytes, as a line of a file is.
  const bytes = Buffer.from(`before\n${line}\nbehind`)
  const from = bytes.indexOf('\n') + 1
  return parser.parse(bytes, from, from + Buffer.byteLength(line))
}
const atUs = Date.UTC(2026, 9, 10, 13, 55, 36) * 1000
const TIME = '[10/Oct/2026:13:55:36 +0000]'
const ip = '192.0.2.1'

describe('the combined format', () => {
  const combined = (line: string): ParsedLine => parse(new CombinedParser('combined'), line)

  it.each<[string, string, object]>([
    [
      'is read as Apache writes it',
      `${ip} - - ${TIME} "GET /a/b?x=1 HTTP/1.1" 200 5 "-" "agent \\"x\\""`,
      { ip, method: 'GET', path: '/a/b', status: '200' },
    ],
    [
      'may be the common one, and of IPv6',
      `2001:db8::1 - - ${TIME} "POST / HTTP/1.0" 404 -`,
      { ip: '2001:db8::1', method: 'POST', path: '/', status: '404' },
    ],
    [
      'has a user, with blanks and brackets in the name',
      `${ip} - a [b] c ${TIME} "GET / HTTP/1.1" 401 0`,
      { ip, user: 'a [b] c', method: 'GET', path: '/', status: '401' },
    ],
    [
      'has bytes that are escaped',
      `${ip} - - ${TIME} "GET /caf\\xC3\\xA9/\\"q\\" HTTP/1.1" 200 1`,
      { ip, method: 'GET', path: '/caf%C3%A9/"q"', status: '200' },
    ],
    [
      'has a target with a host',
      `${ip} - - ${TIME} "GET http://Example.com:80/x?y HTTP/1.1" 200 1`,
      { ip, method: 'GET', host: 'example.com', path: '/x', status: '200' },
    ],
    [
      'has a target without a path',
      `${ip} - - ${TIME} "OPTIONS * HTTP/1.1" 200 1`,
      { ip, method: 'OPTIONS', status: '200' },
    ],
    ['has no request at all', `${ip} - - ${TIME} "-" 408 0`, { ip, status: '408' }],
    ['has a request that is no HTTP', `${ip} - - ${TIME} "\\x16\\x03\\x01" 400 0`, { ip, status: '400' }],
    [
      'has a method of its own',
      `${ip} - - ${TIME} "PROPFIND /dav HTTP/1.1" 207 0`,
      { ip, method: 'PROPFIND', path: '/dav', status: '207' },
    ],
  ])('%s', (_, line, who) => {
    expect(combined(line)).toEqual({ atUs, who })
  })

  it('has times of all zones, and lines with one time and with others', () => {
    const parser = new CombinedParser('combined')
    const at = (time: string): unknown =>
      (parse(parser, `${ip} - - [${time}] "GET / HTTP/1.1" 200 1`) as { atUs: number }).atUs
    expect(at('10/Oct/2026:13:55:36 +0000')).toBe(atUs)
    expect(at('10/Oct/2026:13:55:36 +0000')).toBe(atUs)
    expect(at('10/Oct/2026:06:55:36 -0700')).toBe(atUs)
    expect(at('10/Oct/2026:19:25:36 +0530')).toBe(atUs)
    expect(at('10/Oct/2026:13:55:37 +0000')).toBe(atUs + 1e6)
  })

  it.each([
    '',
    'x',
    `${ip} - -`,
    `${ip} - - ${TIME}`,
    `${ip} - - ${TIME} "GET / HTTP/1.1`,
    `${ip} - - [99/Foo/2026:13:55:36 +0000] "GET / HTTP/1.1" 200 1`,
    `${ip} - - [10/Oct/2026:13:55:36 0000 ] "GET / HTTP/1.1" 200 1`,
  ])('is not a line such as %j', (line) => {
    expect(combined(line)).toEqual(expect.any(String))
  })

  it('may begin with the host', () => {
    const line = `Shop.example:443 ${ip} - ann ${TIME} "GET /a HTTP/1.1" 200 5 "-" "-"`
    const who = { ip, host: 'shop.example', user: 'ann', method: 'GET', path: '/a', status: '200' }
    expect(parse(new CombinedParser('vhost'), line)).toEqual({ atUs, who })
  })
})

describe('lines of JSON', () => {
  const json = (value: unknown, columns = ''): ParsedLine => {
    return parse(
      new JsonParser(new FieldMap(columns === '' ? new Map() : readColumns(columns))),
      JSON.stringify(value),
    )
  }

  it('are read by the names that web servers give', () => {
    const caddy = {
      ts: atUs / 1e6,
      request: { remote_ip: ip, method: 'GET', host: 'a.example', uri: '/x?y=1' },
      status: 200,
    }
    expect(json(caddy)).toEqual({
      atUs,
      who: { ip, method: 'GET', host: 'a.example', path: '/x', status: '200' },
    })
    const nginx = {
      time_iso8601: '2026-10-10T13:55:36+00:00',
      remote_addr: ip,
      request: 'GET /x?y HTTP/1.1',
      status: '200',
    }
    expect(json(nginx)).toEqual({ atUs, who: { ip, method: 'GET', path: '/x', status: '200' } })
  })

  it('are read by other names and by paths where these are given', () => {
    const line = {
      when: '2026-10-10 13:55:36.250125',
      'client.ip': `${ip}:4711`,
      auth: { org: { id: 7 } },
      ip: 'not this one',
    }
    const columns = 'when=time,client.ip=ip,auth.org.id=tenant'
    expect(json(line, columns)).toEqual({ atUs: atUs + 250_125, who: { ip, tenant: '7' } })
  })

  it('are unreadable without a time', () => {
    expect(json({ ip })).toMatch(/no field with a time/)
    expect(json({ time: 'yesterday' })).toMatch(/its time yesterday is none/)
    for (const time of [1e300, -1, '1969-12-31T23:59:59Z'])
      expect(json({ time })).toMatch(/its time .* is none/)
    expect(json([1])).toBe('it is no object of JSON')
    expect(parse(new JsonParser(new FieldMap(new Map())), '{')).toBe('it is no object of JSON')
  })

  it('have numbers of seconds, milliseconds, microseconds and nanoseconds', () => {
    for (const scale of [1e-6, 1e-3, 1, 1e3]) expect(json({ time: atUs * scale })).toEqual({ atUs, who: {} })
  })
})

describe('a table', () => {
  it('has its columns by its first line, and quotes', () => {
    const columns = readColumns('client=ip,at=time')
    const parser = new CsvParser(new FieldMap(columns), columns)
    expect(parse(parser, 'at;client;path;user')).toBeNull()
    expect(parse(parser, '2026-10-10T13:55:36Z;192.0.2.1;"/a;b";"say ""hi"""')).toEqual({
      atUs,
      who: { ip, path: '/a;b', user: 'say "hi"' },
    })
    expect(parse(parser, '2026-10-10T13:55:36Z;"192')).toMatch(/quote/)
  })

  it('is refused where it lacks a column that was named', () => {
    const columns = readColumns('client=ip')
    expect(() => parse(new CsvParser(new FieldMap(columns), columns), 'at,ip')).toThrow(
      /names client, and the columns of the log are at, ip/,
    )
  })
})

describe("Envoy's own format", () => {
  it('has the last forwarded address, and the authority', () => {
    const line = `[2026-10-10T13:55:36.000Z] "GET /x?y=1 HTTP/2" 200 - 0 5 12 11 "203.0.113.9, ${ip}" "agent" "id" "Shop.example:8443" "10.0.0.1:80"`
    const who = { ip, method: 'GET', path: '/x', status: '200', host: 'shop.example' }
    expect(parse(new EnvoyParser(), line)).toEqual({ atUs, who })
    const denied = `[2026-10-10T13:55:36.000Z] "GET / HTTP/1.1" 503 UF,URX upstream_reset{a "b"} - "-" 0 91 3 - "-" "-" "-" "h" "-"`
    expect(parse(new EnvoyParser(), denied)).toEqual({
      atUs,
      who: { method: 'GET', path: '/', status: '503', host: 'h' },
    })
    expect(parse(new EnvoyParser(), 'GET / HTTP/1.1')).toMatch(/no line of Envoy/)
  })
})

describe('the format of a log', () => {
  it.each([
    ['combined', `${ip} - - ${TIME} "GET / HTTP/1.1" 200 1`],
    ['combined', `2001:db8::1 - - ${TIME} "GET / HTTP/1.1" 200 1`],
    ['vhost', `a.example:443 ${ip} - - ${TIME} "GET / HTTP/1.1" 200 1`],
    ['envoy', `[2026-10-10T13:55:36.000Z] "GET / HTTP/1.1" 200 - 0 5 1 1 "-" "-" "-" "-" "-"`],
    ['json', '{"time":1}'],
    ['recorded', '{"format":"headgate-record-1"}'],
    ['csv', 'time,ip,path'],
    [null, 'nothing that is known'],
  ])('is %s by its first line', (format, line) => {
    expect(guessFormat([line])).toBe(format)
  })
})
