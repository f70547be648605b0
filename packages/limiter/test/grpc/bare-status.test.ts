import { Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGrpcLimiter } from '../../src/grpc/grpc-limiter.ts'

const CONSUME = '/headgate.v1.RateLimiter/Consume'
const itself = (bytes: Buffer): Buffer => bytes

/** A server that ends every call with a status that has no details; null where it has no methods. */
async function endingWith(code: status | null): Promise<{ readonly target: string } & Disposable> {
  const server = new Server({ 'grpc.max_receive_message_length': 1000 })
  if (code !== null) {
    server.register(
      CONSUME,
      (_: unknown, reply: (error: Partial<ServiceError>) => void) =>
        reply({ code, details: 'no', metadata: new Metadata() }),
      itself,
      itself,
      'unary',
    )
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return { target: `127.0.0.1:${port}`, [Symbol.dispose]: () => server.forceShutdown() }
}

beforeEach(() => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a limiter over gRPC that is answered with a bare status', () => {
  it.each([
    [status.INVALID_ARGUMENT, 'invalid-request'],
    [status.RESOURCE_EXHAUSTED, 'invalid-request'],
    [status.UNAUTHENTICATED, 'unauthenticated'],
    [status.PERMISSION_DENIED, 'forbidden'],
    [null, 'invalid-request'],
  ] as const)('rejects mistakes, and does not ask onError: %s', async (code, expected) => {
    using server = await endingWith(code)
    const limiter = createGrpcLimiter({ target: server.target, deadlineMs: 60_000 })
    await expect(limiter.consume('a')).rejects.toMatchObject({ code: expected })
    expect(limiter.health()).toMatchObject({ lastFailure: null, decisions: { onError: 0 } })
    await limiter.close()
  })

  it('rejects a message that is too large for the service', async () => {
    using server = await endingWith(status.UNAVAILABLE)
    const limiter = createGrpcLimiter({ target: server.target, deadlineMs: 60_000 })
    const large = limiter.consume({ user: 'a', extra: 'e'.repeat(2000) })
    await expect(large).rejects.toMatchObject({ code: 'invalid-request' })
    await limiter.close()
  })

  it('goes by onError where the service cannot answer', async () => {
    using server = await endingWith(status.UNAVAILABLE)
    const limiter = createGrpcLimiter({ target: server.target, deadlineMs: 60_000 })
    expect(await limiter.consume('a')).toMatchObject({ source: 'open' })
    await limiter.close()
  })
})
