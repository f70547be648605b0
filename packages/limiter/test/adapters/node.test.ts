import { once } from 'node:events'
import { expect, it } from 'vitest'
import { rateLimit } from '../../src/adapters/node.ts'
import type { Outcome } from '../../src/middleware/exchange.ts'
import { listenHttp2 } from './http2-reply.ts'
import { listen } from './node-reply.ts'

it.each([
  ['HTTP/1.1', listen],
  ['HTTP/2', listenHttp2],
])('settles what a client spends over %s that leaves before it is decided', async (_, serve) => {
  const abort = new AbortController()
  const outcome = Promise.withResolvers<Outcome>()
  const { url, close } = await serve(async (request, response) => {
    const left = once(response, 'close')
    const charging = rateLimit({
      limit: '1/hour',
      key: async () => {
        abort.abort()
        await left
        return 'key'
      },
      charge(end) {
        outcome.resolve(end)
        return 0
      },
    })
    await charging(request, response)
  })
  await expect(fetch(url, { signal: abort.signal })).rejects.toThrow()
  expect(await outcome.promise).toMatchObject({ aborted: true, bytes: 0 })
  await close()
})

it('does not let a request wait for its turn whose client has left', async () => {
  const abort = new AbortController()
  const answered = Promise.withResolvers<boolean>()
  let left: Promise<unknown> = Promise.resolve()
  const waiting = rateLimit({
    limit: '1/hour',
    slowDown: '2h',
    key: async () => {
      await left
      return 'key'
    },
  })
  await waiting.limiter.consume('key')
  const { url, close } = await listen(async (request, response) => {
    left = once(response, 'close')
    abort.abort()
    answered.resolve(await waiting(request, response))
  })
  await expect(fetch(url, { signal: abort.signal })).rejects.toThrow()
  expect(await answered.promise).toBe(false)
  await close()
  await waiting.limiter.close()
})
