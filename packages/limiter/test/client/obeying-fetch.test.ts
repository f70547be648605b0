/** A client that obeys, and a service that tells its limits in any generation of header fields, over sockets. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { PolicyOptions } from '../../src/core/policy-options.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { answerTo } from '../../src/http/answer.ts'
import type { HeaderOptions } from '../../src/http/header-options.ts'
import { rateLimitedFetch } from '../../src/http/rate-limited-fetch.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'

const CALLS = 30

/** Statuses of calls that follow each other, and how many seconds they took on the clock. */
async function callInTurn(rules: PolicyOptions['rules'], headers: HeaderOptions) {
  const clock = manualClock()
  const began = clock.now()
  const limiter = createLimiter({ policies: [{ name: 'api', rules }], store: memoryStore({ clock }) })
  const statuses: number[] = []
  await using server = createServer((_, response) => {
    const answer = answerTo(limiter.consumeSync('alice'), { headers })
    statuses.push(answer.status)
    response.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end(answer.body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const send = rateLimitedFetch(fetch, { clock, maxWait: '1h' })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let left = CALLS
  const calls = (async () => {
    for (; left > 0; left--) await send(url, { method: 'POST' })
  })()
  const failed = calls.then(
    () => false,
    () => true,
  )
  while (left > 0 && (await Promise.race([failed, setImmediate('under way')])) === 'under way') {
    if (clock.pending > 0) clock.advance('1s')
  }
  await calls
  return { statuses, seconds: (clock.now() - began) / 1e6 }
}

describe('a client with rateLimitedFetch', () => {
  const generations: readonly HeaderOptions[] = [
    {},
    { standard: 'draft-7' },
    { standard: 'draft-6' },
    { standard: false, legacy: true },
  ]
  it.each(generations)(
    'is never refused where its requests follow each other, told by %j',
    async (headers) => {
      const kinds: readonly PolicyOptions['rules'][] = [
        [{ name: 'window', algorithm: 'fixed-window', limit: '5/10s' }, '12/min'],
        ['3/4s'],
        [{ name: 'bucket', limit: '2/s', burst: 4 }],
      ]
      for (const rules of kinds) {
        const { statuses, seconds } = await callInTurn(rules, headers)
        expect(statuses).toEqual(Array.from({ length: CALLS }, () => 200))
        expect(seconds).toBeGreaterThan(10)
      }
    },
  )
})
