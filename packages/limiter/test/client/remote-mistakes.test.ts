import { describe, expect, it } from 'vitest'
import type { RemoteLimiter } from '../../src/client/remote-types.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { decision, remote, warnings } from './remotes.ts'
import { answering, ScriptedService } from './scripted-service.ts'

type Ask = (limiter: RemoteLimiter, value: never) => Promise<unknown>

const circular: Record<string, unknown> = {}
circular['self'] = circular
const throwing = {
  toJSON: () => {
    throw new Error('no')
  },
}

/** Every method that is about somebody. */
const asksAbout: readonly [string, Ask][] = [
  ['consume', (limiter, who) => limiter.consume(who)],
  ['peek', (limiter, who) => limiter.peek(who)],
  ['charge', (limiter, who) => limiter.charge(who, 1)],
  ['credit', (limiter, who) => limiter.credit(who, 1)],
  ['reserve', (limiter, who) => limiter.reserve(who)],
  ['wait', (limiter, who) => limiter.wait(who)],
  ['decide', (limiter, who) => limiter.decide([{ who }])],
  ['reset', (limiter, who) => limiter.reset(who)],
  ['block', (limiter, who) => limiter.block(who, 60_000)],
  ['unblock', (limiter, who) => limiter.unblock(who)],
  ['explain', (limiter, who) => limiter.explain(who)],
]

const nobodies: readonly [string, unknown, string][] = [
  ['nobody', null, 'who'],
  ['a number', 5n, 'who'],
  ['a list', ['a'], 'who'],
  ['an empty key', '', 'key'],
  ['a fraction', { user: 1.5 }, 'attributes.user'],
  ['no number', { user: Number.NaN }, 'attributes.user'],
  ['a bigint beside a user', { user: 'same', org: 5n }, 'attributes.org'],
  ['a circle', { user: circular }, 'attributes.user'],
  ['what throws as JSON', { user: throwing }, 'attributes.user'],
  ['what is other JSON', { user: 'a', toJSON: () => ({ user: 'b' }) }, 'attributes.toJSON'],
  ['a descriptor of no entries', { descriptor: [{ key: 'a', value: 5n }] }, 'descriptor'],
]

describe('a mistake of the call', () => {
  describe.each(asksAbout)('%s', (verb, ask) => {
    it.each(nobodies)('is no outage: %s', async (_, who, path) => {
      // Where nobody listens, so that nothing but the client can have seen it.
      const limiter = remote({ url: 'http://127.0.0.1:9' })
      await expect(ask(limiter, who as never)).rejects.toMatchObject({
        code: 'invalid-key',
        path: verb === 'decide' ? `requests[0].${path}` : path,
      })
      expect(limiter.health()).toMatchObject({ lastFailure: null, decisions: { onError: 0 } })
      expect(warnings).toEqual([])
    })
  })

  it.each([
    ['consume', { policy: 5n }, 'invalid-options', 'options.policy'],
    ['consume', { limit: { limit: 5n, window: '1m' } }, 'invalid-rule', 'options.limit.limit'],
    ['consume', { limit: ['5/min', 5n] }, 'invalid-rule', 'options.limit[1]'],
    ['consume', { limit: circular }, 'invalid-options', 'options.limit'],
    ['consume', { rule: null }, 'invalid-rule', 'options.rule'],
    ['consume', { rule: { limit: '5/min', burst: 5n } }, 'invalid-rule', 'options.rule.burst'],
    ['consume', { rule: { limit: '5/min' }, limit: '9/min' }, 'invalid-options', 'options.limit'],
    ['consume', { rule: { limit: '5/min' }, policy: 'api' }, 'invalid-options', 'options.policy'],
    ['consume', { cost: 5n }, 'invalid-cost', ''],
    ['consume', { cost: null }, 'invalid-cost', ''],
    ['consume', { deadlineMs: 5n }, 'invalid-options', 'options.deadlineMs'],
    ['consume', null, 'invalid-options', 'options'],
    ['peek', { policy: throwing }, 'invalid-options', 'options.policy'],
    ['reserve', { ttl: 5n }, 'invalid-options', 'options.ttl'],
    ['reserve', { policy: 5n }, 'invalid-options', 'options.policy'],
    ['reserve', null, 'invalid-options', 'options'],
    ['wait', { timeout: 5n }, 'invalid-options', 'options.timeout'],
    ['wait', { signal: 5 }, 'invalid-options', 'options.signal'],
    ['wait', null, 'invalid-options', 'options'],
    ['reset', { policy: 5n }, 'invalid-options', 'options.policy'],
    ['unblock', { policy: circular }, 'invalid-options', 'options.policy'],
    ['explain', { cost: 5n }, 'invalid-cost', ''],
    ['explain', { policy: 5n }, 'invalid-options', 'options.policy'],
  ] as const)('is named, and nothing is sent: %s with %o', async (verb, options, code, path) => {
    const limiter = remote({ url: 'http://127.0.0.1:9' })
    const asked = limiter[verb]('a', options as never)
    await expect(asked).rejects.toMatchObject({ code, path })
    expect(limiter.health()).toMatchObject({ lastFailure: null, decisions: { onError: 0 } })
  })

  it.each([
    ['no list', 5n, 'invalid-options', 'requests'],
    ['an empty list', [], 'invalid-options', 'requests'],
    ['a hole', [{ who: 'a' }, undefined], 'invalid-options', 'requests[1]'],
    ['a verb', [{ who: 'a', verb: 'reset' }], 'invalid-options', 'requests[0].verb'],
    ['a group', [{ who: 'a', anyOf: 5n }], 'invalid-options', 'requests[0].anyOf'],
    ['a limit', [{ who: 'a', limit: 5n }], 'invalid-rule', 'requests[0].limit'],
    ['a cost', [{ who: 'a' }, { who: 'a', cost: 5n }], 'invalid-cost', 'requests[1]'],
  ])('has its place among several requests: %s', async (_, requests, code, path) => {
    const asked = remote({ url: 'http://127.0.0.1:9' }).decide(requests as never)
    await expect(asked).rejects.toMatchObject({ code, path })
  })

  it('is found in what is blocked, refunded and settled as well', async () => {
    const limiter = remote({ url: 'http://127.0.0.1:9' })
    const block = limiter.block('a', 60_000n as never)
    await expect(block).rejects.toMatchObject({ code: 'invalid-options', path: 'duration' })
    const refund = limiter.refund('sealed', { cost: 5n as never })
    await expect(refund).rejects.toMatchObject({ code: 'invalid-cost' })
    await expect(limiter.resume('x').settle(5n as never)).rejects.toMatchObject({ code: 'invalid-cost' })
    expect(() => limiter.resume({} as never)).toThrow('pass its text as it is')
  })
})

it('leaves out what the library ignores', async () => {
  await using service = await ScriptedService.start(answering(200, decision))
  const descriptor = [{ key: 'a', value: 'b', more: 5n }]
  const limit = Object.assign(Object.create({ toJSON: () => '9/min' }), { limit: 5, window: '1m' })
  await remote({ url: service.url }).consume({ user: 7, org: undefined, descriptor } as never, { limit })
  expect(service.seen[0]?.body).toMatchObject({
    attributes: { user: 7 },
    descriptor: [{ key: 'a', value: 'b' }],
    limit: { limit: 5, window: '1m' },
  })
})

describe('a limiter as onError whose policies do not fit', () => {
  it.each([
    ['key', { user: 'alice' }, {}, 'needs the attribute "key"'],
    ['policy', 'alice', { policy: 'api' }, 'no policy is named "api"'],
  ] as const)(
    'lets pass what it has no %s for, and one warning says why',
    async (_, who, options, message) => {
      const own = createLimiter({ limit: '20/min', store: memoryStore() })
      const limiter = remote({ url: 'http://127.0.0.1:9', onError: own })
      for (const _again of [1, 2]) {
        expect(await limiter.consume(who, options)).toMatchObject({
          allowed: true,
          reason: 'store-unavailable',
          source: 'open',
        })
      }
      expect((await limiter.decide([{ who, ...options }])).decisions[0]).toMatchObject({ source: 'open' })
      expect(await limiter.reserve(who, options)).toMatchObject({ source: 'open', held: 1 })
      const told = warnings.filter(({ code }) => code === 'HEADGATE_STAND_IN')
      expect(told).toEqual([expect.objectContaining({ message: expect.stringContaining(message) })])
    },
  )

  it('rejects where it was closed', async () => {
    const own = createLimiter({ limit: '20/min', store: memoryStore() })
    await own.close()
    const asked = remote({ url: 'http://127.0.0.1:9', onError: own }).consume('a')
    await expect(asked).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('another answer than was asked for', () => {
  it.each([
    ['reset', (limiter: RemoteLimiter) => limiter.reset('a')],
    ['block', (limiter: RemoteLimiter) => limiter.block('a', '1m')],
    ['unblock', (limiter: RemoteLimiter) => limiter.unblock('a')],
    ['refund', (limiter: RemoteLimiter) => limiter.refund('sealed')],
    ['settle', (limiter: RemoteLimiter) => limiter.resume('sealed').settle(1)],
    ['explain', (limiter: RemoteLimiter) => limiter.explain('a')],
    ['policies.list', (limiter: RemoteLimiter) => limiter.policies.list()],
  ] as const)('%s rejects, and the failure is noted', async (_, ask) => {
    await using service = await ScriptedService.start(answering(200, {}))
    const limiter = remote({ url: service.url })
    await expect(ask(limiter)).rejects.toMatchObject({
      code: 'store-unavailable',
      detail: expect.stringContaining('answered something else than'),
    })
    expect(limiter.health().lastFailure?.message).toContain('answered something else than')
  })
})

it('resumes a reservation of another process by its handle', async () => {
  await using service = await ScriptedService.start(answering(200, { settled: true, actual: 7 }))
  const resumed = remote({ url: service.url }).resume('sealed')
  expect(await resumed.settle(7)).toEqual({ settled: true, actual: 7 })
  await resumed.cancel()
  expect(service.seen.map(({ line, body }) => [line, body])).toEqual([
    ['POST /v1/settle', { reservation: 'sealed', actual: 7 }],
    ['POST /v1/settle', { reservation: 'sealed', actual: 0 }],
  ])
})
