import { describe, expect, it } from 'vitest'
import type { Limiter } from '../core/limiter.ts'
import type { SyncStore } from '../core/store.ts'
import { denyingLimiter, passingLimiter } from './constant-limiter.ts'
import { expectAllowed, expectLimited } from './expect.ts'

const who = { ip: '192.0.2.1' }

/** The decisions of every verb that makes one, on a policy that nobody has configured. */
async function decisionsOf(limiter: Limiter<SyncStore>) {
  const options = { policy: 'login', cost: 3 }
  const joint = await limiter.decide([{ who, ...options }])
  expect(joint.allowed).toBe(joint.decisions[0]?.allowed)
  return [
    limiter.consumeSync(who, options),
    await limiter.consume(who, options),
    await limiter.peek(who, options),
    await limiter.wait(who, options),
    await limiter.charge(who, 3, { policy: 'login' }),
    await limiter.credit(who, 3, { policy: 'login' }),
    await limiter.reserve(who, options),
    (await limiter.explain(who, options)).decision,
    ...joint.decisions,
  ]
}

describe('passingLimiter', () => {
  it('lets everything pass, with the cost that was asked for and the reason disabled', async () => {
    for (const decision of await decisionsOf(passingLimiter())) {
      expectAllowed(decision, { reason: 'disabled', cost: 3, source: 'none', receipt: null })
    }
  })

  it('holds, extends and settles reservations, also by handle', async () => {
    const limiter = passingLimiter()
    const reservation = await limiter.reserve(who, { cost: 3 })
    await reservation.extend(2)
    expect(reservation.held).toBe(5)
    const handle = reservation.handle()
    if (handle === null) throw new Error('no handle')
    expect(await limiter.resume(handle).settle(4)).toEqual({ settled: true, actual: 4 })
    await reservation.settle(4)
    expect(reservation.held).toBe(0)
  })

  it('says what it is told to say', async () => {
    expectAllowed(await passingLimiter({ remaining: 7, limit: 10 }).consume('a'), { remaining: 7, limit: 10 })
  })

  it('has nothing to reset or close', async () => {
    const limiter = passingLimiter()
    expect(await limiter.reset('a')).toEqual([])
    await limiter.close()
  })
})

describe('denyingLimiter', () => {
  it('denies everything, for a second unless it is told otherwise', async () => {
    for (const decision of await decisionsOf(denyingLimiter())) {
      expectLimited(decision, { reason: 'limited', cost: 3, retryAfterMs: 1000 })
    }
    expectLimited(denyingLimiter({ retryAfterMs: 30_000 }).consumeSync('a'), { retryAfterMs: 30_000 })
  })

  it('holds nothing', async () => {
    const reservation = await denyingLimiter().reserve('a', { cost: 3 })
    await reservation.extend(2)
    expect([reservation.held, reservation.handle()]).toEqual([0, null])
  })
})

describe.each([
  ['passingLimiter', passingLimiter, true],
  ['denyingLimiter', denyingLimiter, false],
])('%s', (_, create, allowed) => {
  it('tells listeners of every decision, with its verb, until they leave', async () => {
    const limiter = create()
    const heard: unknown[] = []
    const leave = limiter.on('decision', (decision, { verb, durationMs }) =>
      heard.push([verb, decision.allowed, decision.cost, durationMs]),
    )
    await decisionsOf(limiter)
    const reservation = await limiter.reserve(who)
    await reservation.extend(2)
    leave()
    limiter.consumeSync(who)
    const verbs = ['consume', 'consume', 'peek', 'wait', 'charge', 'credit', 'reserve']
    // Those of `decisionsOf` begin with the joint decision; `explain` is none.
    expect(heard).toEqual([
      ...['consume', ...verbs].map((verb) => [verb, allowed, 3, 0]),
      ['reserve', allowed, 1, 0],
      ['extend', allowed, 2, 0],
    ])
  })

  it.each([{ allowed: !allowed }, { allowed }, { retryAfter: 3 }])('refuses %j at start', (fields) => {
    const [name] = Object.keys(fields)
    expect(() => create(fields as never)).toThrow(`fields: unknown field "${name}"`)
  })
})
