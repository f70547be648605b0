import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fixture, request, upstreamFixture } from './upstream-fixture.ts'

const BYTES = 1024 ** 3
const PIECE = Buffer.alloc(256 * 1024, 'one piece of many, ')
/** What a test may take beside what it began with: buffers of sockets, and what is not collected yet. */
const MEMORY_MAX = 150 * 1024 ** 2

let fixture: Fixture
let server: Server

beforeEach(() => {
  fixture = upstreamFixture()
})

afterEach(async () => {
  fixture.upstreams.close()
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

/** One gigabyte, at the pace at which it is read. */
function gigabyte(): Readable {
  let left = BYTES
  return new Readable({
    read() {
      const piece = PIECE.subarray(0, Math.min(left, PIECE.length))
      left -= piece.length
      this.push(piece.length === 0 ? null : piece)
    },
  })
}

function hashOfGigabyte(): string {
  const hash = createHash('sha1')
  for (let left = BYTES; left > 0; left -= PIECE.length) hash.update(PIECE)
  return hash.digest('hex')
}

/** Looks at the memory of the process until the function returned is called, which answers by how much it grew at most. */
function watchMemory(): () => number {
  const before = process.memoryUsage().rss
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 20)
  return () => {
    clearInterval(timer)
    return most - before
  }
}

async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
  server = createServer(listener as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a body of one gigabyte', () => {
  it('comes to a client that reads in bursts, byte for byte, in flat memory', async () => {
    const url = await serve((_, response) => gigabyte().pipe(response))
    const group = fixture.group({ targets: [url] })
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
    const hash: Hash = createHash('sha1')
    const stop = watchMemory()
    let sincePause = 0
    const forwarding = group.forward(request(), {
      onHead() {},
      onData(chunk) {
        hash.update(chunk)
        sincePause += chunk.length
        if (sincePause < 1_000_000) return true
        sincePause = 0
        setImmediate(() => forwarding.resume())
        return false
      },
      onEnd: resolve,
      onFailure: ({ why }) => reject(new Error(why)),
    })
    await ended
    expect(hash.digest('hex')).toBe(hashOfGigabyte())
    expect(stop()).toBeLessThan(MEMORY_MAX)
  })

  it.each([BYTES, null])(
    'goes to a target, byte for byte, in flat memory, with the length %s',
    async (length) => {
      const url = await serve((incoming, response) => {
        const hash = createHash('sha1')
        incoming.on('data', (chunk) => hash.update(chunk))
        incoming.on('end', () => response.end(hash.digest('hex')))
      })
      const group = fixture.group({ targets: [url] })
      const { promise: ended, resolve, reject } = Promise.withResolvers<void>()
      const stop = watchMemory()
      let body = ''
      group.forward(request({ method: 'PUT', body: gigabyte(), contentLength: length }), {
        onHead() {},
        onData(chunk) {
          body += chunk.toString()
          return true
        },
        onEnd: resolve,
        onFailure: ({ why }) => reject(new Error(why)),
      })
      await ended
      expect(body).toBe(hashOfGigabyte())
      expect(stop()).toBeLessThan(MEMORY_MAX)
    },
  )
})
