/** Clients of HTTP/2 that send what costs a server more than them (I-49): all others are served, and memory stays what it was. */
import { once } from 'node:events'
import { connect } from 'node:http2'
import { expect, it } from 'vitest'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'
import { startProxy } from './proxy-under-test.ts'
import {
  END_HEADERS,
  END_STREAM,
  fieldBlock,
  frame,
  number,
  RawStreams,
  requestBlock,
  TYPE,
} from './raw-streams.ts'

const { ca, server } = CERTIFICATES
const ROUNDS = 2000
const MEGABYTE = 1024 * 1024
const MEMORY_MAX = 150 * MEGABYTE
const YAML = 'policies: []\nproxy: { http2: true }\ntls: { certFile: a, keyFile: a }'

const GET = END_HEADERS | END_STREAM
const id = (i: number): number => 2 * i + 1
const small = requestBlock()
/** An entry of the table, and then an octet for each time it is meant. */
const bomb = Buffer.concat([
  requestBlock(),
  Buffer.from([0x40]),
  fieldBlock([['x-bomb', 'x'.repeat(3500)]]).subarray(1),
  Buffer.alloc(5000, 0xbe),
])

interface Flood {
  readonly name: string
  /** What is sent in a round. */
  readonly send: (i: number) => readonly Buffer[]
  /** Whether the connection is ended for it, the server reads no more of it, or it goes on, each request refused. */
  readonly end: 'ends' | 'waits' | 'goes on'
  /** Requests that may reach the application. */
  readonly requests: number
}

const FLOODS: readonly Flood[] = [
  {
    name: 'requests that are reset at once',
    send: (i) => [frame(TYPE.headers, GET, id(i), small), frame(TYPE.reset, 0, id(i), number(8))],
    end: 'ends',
    requests: 300,
  },
  {
    name: 'headers without an end',
    send: (i) => [
      i === 0
        ? frame(TYPE.headers, END_STREAM, 1, small)
        : frame(TYPE.continuation, 0, 1, fieldBlock([[`x-${i}`, 'x'.repeat(1000)]])),
    ],
    end: 'ends',
    requests: 0,
  },
  {
    name: 'settings whose answers are not read',
    send: () => Array.from({ length: 10 }, () => frame(TYPE.settings, 0, 0)),
    end: 'waits',
    requests: 0,
  },
  {
    name: 'pings whose answers are not read',
    send: () => Array.from({ length: 10 }, () => frame(TYPE.ping, 0, 0, Buffer.alloc(8))),
    end: 'waits',
    requests: 0,
  },
  {
    name: 'a window that overflows',
    send: () => [frame(TYPE.window, 0, 0, number(0x7fffffff))],
    end: 'ends',
    requests: 0,
  },
  {
    name: 'fields that are small packed, and large unpacked',
    send: (i) => [frame(TYPE.headers, GET, id(i), bomb)],
    end: 'goes on',
    requests: 0,
  },
  {
    name: 'more requests at once than are allowed, whose answers find no window',
    send: (i) => [
      ...(i === 0 ? [frame(TYPE.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]))] : []),
      frame(TYPE.headers, GET, id(i), small),
    ],
    end: 'ends',
    requests: 120,
  },
]

it.each(FLOODS)('survives $name', async ({ send, end, requests }) => {
  await using proxy = await startProxy(YAML, { listener: { tls: await tlsOf(server) } })
  using streams = await RawStreams.connect(proxy.port)
  const other = connect(`https://localhost:${proxy.port}`, { ca })
  let isClosed = false
  const closed = new Promise<void>((resolve) => {
    streams.socket.once('close', () => {
      isClosed = true
      resolve()
    })
  })
  if (end === 'waits') streams.socket.pause()
  const before = process.memoryUsage().rss
  let others = 0
  for (let i = 0; i < ROUNDS && !isClosed && streams.socket.writable; i++) {
    streams.socket.write(Buffer.concat(send(i)))
    if (i % 200 === 0) {
      // Somebody else is served all the while.
      const stream = other.request({ ':path': '/other' }).resume()
      const [head] = await once(stream, 'response')
      expect(head[':status']).toBe(200)
      others++
    }
    if (!streams.socket.writableNeedDrain) continue
    if (end === 'waits') break
    await Promise.race([new Promise((resolve) => streams.socket.once('drain', resolve)), closed])
  }
  if (end === 'ends') await closed
  expect(others).toBeGreaterThan(0)
  expect(proxy.seen.filter(({ url }) => url !== '/other').length).toBeLessThanOrEqual(requests)
  expect(process.memoryUsage().rss - before).toBeLessThan(MEMORY_MAX)
  const [head] = await once(other.request({ ':path': '/other' }).resume(), 'response')
  expect(head[':status']).toBe(200)
  other.destroy()
})
