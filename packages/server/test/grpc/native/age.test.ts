/** The age of connections of our own engine, on a clock that goes on when it is told. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimitService } from '../../../src/gen/envoy-service-ratelimit-v3.ts'
import { RateLimiter } from '../../../src/gen/headgate-v1.ts'
import type { ListenAddress } from '../../../src/listener/listen-address.ts'
import { grpcServer } from '../grpc-server.ts'
import { frameOf } from './fake-stream.ts'

const AGE_MS = 5000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** Whether a connection on which this was called is told to end at its age. */
async function endsAtAge(address: ListenAddress, path: string): Promise<boolean> {
  await using server = await grpcServer(undefined, undefined, undefined, { address, connectionAgeMs: AGE_MS })
  const session = connectHttp2('http://localhost', { createConnection: () => socketTo(server.target) })
  let isTold = false
  session.on('goaway', () => {
    isTold = true
  })
  const call = async (): Promise<void> => {
    const asked = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' })
    asked.end(frameOf(Buffer.alloc(0))).resume()
    await once(asked, 'end')
  }
  await call()
  vi.advanceTimersByTime(2 * AGE_MS)
  // What was sent at the age has come before the answer to a ping.
  await new Promise((resolve) => session.ping(resolve))
  session.destroy()
  return isTold
}

function socketTo(target: string): Socket {
  if (target.startsWith('unix:')) return connect(target.slice('unix:'.length))
  const [host, port] = target.split(':')
  return connect(Number(port), host)
}

describe('a connection of gRPC', () => {
  it('ends at its age, but where Envoy asks, and on a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-age-'))
    try {
      const [port, socket] = [{ host: '127.0.0.1', port: 0 }, { path: join(folder, 'grpc.sock') }]
      expect(await endsAtAge(port, RateLimiter.Consume.path)).toBe(true)
      expect(await endsAtAge(port, RateLimitService.ShouldRateLimit.path)).toBe(false)
      expect(await endsAtAge(socket, RateLimiter.Consume.path)).toBe(false)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
