import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  answer,
  type Fixture,
  type RawServer,
  rawServer,
  send,
  start,
  upstreamFixture,
} from './upstream-fixture.ts'

let fixture: Fixture
let server: RawServer
let say: () => readonly string[]
let onSaid: () => void

beforeEach(async () => {
  server = await rawServer((socket, _, connection) => {
    const path = /.*GET (\S+)/s.exec(server.received[connection] ?? '')?.[1] ?? ''
    if (path === '/other') {
      socket.write(answer('other'))
      return
    }
    const pieces = say()
    const write = (i: number): void => {
      if (i < pieces.length && !socket.destroyed) {
        socket.write(pieces[i] as string, 'latin1', () => setImmediate(write, i + 1))
        return
      }
      if (path === '/end') socket.end()
      if (path === '/reset') socket.resetAndDestroy()
      onSaid()
    }
    write(0)
  })
})

afterEach(async () => {
  fixture.upstreams.close()
  await server.close()
})

const part = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('HTTP/1.1 200 OK\r\n', 'HTTP/1.1 204 X\r\n', 'HTTP/1.0 200 OK\r\n'),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('HTTP/1.1 103 X\r\n\r\n', 'HTTP/1.1 101 X\r\n', 'HTTP/1.1 100 X\r\n\r\n'),
  },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...['content-length: 2\r\n', 'content-length: 0\r\n', 'transfer-encoding: chunked\r\n', 'x: y\r\n'],
      ...[
        'connection: close\r\n',
        'connection: upgrade\r\nupgrade: websocket\r\n',
        'keep-alive: timeout=0\r\n',
      ],
    ),
  },
  { weight: 8, arbitrary: fc.constantFrom('\r\n', 'hi', '2\r\nhi\r\n', '0\r\n\r\n', answer('hi')) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
  },
)
const script = fc.array(
  fc.array(part, { maxLength: 4 }).map((parts) => parts.join('')),
  { maxLength: 5 },
)

it('whatever a target says ends in one way, and costs no other request', async () => {
  let [ended, failed] = [0, 0]
  await fc.assert(
    fc.asyncProperty(script, fc.constantFrom('/end', '/reset', '/stay'), async (pieces, then) => {
      // What it says late would be taken for the answer to the next request of that connection, so that each run has its own.
      fixture = upstreamFixture()
      const group = fixture.group({ targets: [server.url] })
      const { promise: said, resolve } = Promise.withResolvers<void>()
      onSaid = resolve
      say = () => pieces
      const result = start(group, { path: then })
      const other = send(group, { path: '/other' })
      await said
      expect(await other).toMatchObject({ body: 'other', failure: null })
      if (then === '/stay') fixture.clock.advance('2m')
      await result.ended
      expect(result.calls.filter((call) => call !== 'head').length).toBe(1)
      expect(result.calls.indexOf('head')).toBeLessThanOrEqual(0)
      expect(result.failure?.hasBegun ?? true).toBe(result.calls.includes('head'))
      if (result.failure === null) ended++
      else failed++
      expect(fixture.upstreams.states()[0]?.inFlight).toBe(0)
      fixture.upstreams.close()
    }),
    { numRuns: 200 },
  )
  expect(ended).toBeGreaterThan(0)
  expect(failed).toBeGreaterThan(5)
})
