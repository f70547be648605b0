import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { expect, it } from 'vitest'
import { RateLimiter } from '../../src/gen/headgate-v1.ts'
import { createGrpcLimiter } from '../../src/grpc/grpc-limiter.ts'

type Answering = (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => void

const ALLOWED = RateLimiter.Consume.response.encode({
  allowed: true,
  reason: 'within-limit',
  source: 'store',
  cost: 1,
  rules: [],
  shadow: [],
})

it('calls of wait take no connection of decisions, and no more of one than the service does', async () => {
  const server = new Server({ 'grpc.max_concurrent_streams': 128 })
  const itself = (bytes: Buffer): Buffer => bytes
  const answer = (path: string, script: Answering): void =>
    void server.register(path, script, itself, itself, 'unary')
  const held: { readonly peer: string; readonly end: () => void }[] = []
  answer(RateLimiter.Wait.path, (call, reply) => {
    held.push({ peer: call.getPeer(), end: () => reply(null, ALLOWED) })
  })
  const deciding: string[] = []
  answer(RateLimiter.Consume.path, (call, reply) => {
    deciding.push(call.getPeer())
    reply(null, ALLOWED)
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  const limiter = createGrpcLimiter({ target: `127.0.0.1:${port}`, deadlineMs: 60_000 })
  const waits = Array.from({ length: 250 }, () => limiter.wait('a'))
  await expect.poll(() => held.length).toBe(250)
  expect(await limiter.consume('a')).toMatchObject({ source: 'store' })
  const peers = new Set(held.map(({ peer }) => peer))
  expect(peers.size).toBe(3)
  expect(peers).not.toContain(deciding[0])
  for (const { end } of held) end()
  expect((await Promise.all(waits)).every(({ source }) => source === 'store')).toBe(true)
  const next = limiter.wait('a')
  await expect.poll(() => held.length).toBe(251)
  // Of those that held nothing any more one was kept.
  expect(peers).toContain(held[250]?.peer)
  held[250]?.end()
  await next
  await limiter.close()
  server.forceShutdown()
})
