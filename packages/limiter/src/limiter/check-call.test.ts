import { describe, expect, it } from 'vitest'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'

const limiter = createLimiter({ limit: '5/s', store: memoryStore({ clock: manualClock() }) })

/** Every verb that takes options, as JavaScript calls it. */
const verbs: Record<string, (options: unknown) => Promise<unknown>> = {
  consume: (options) => limiter.consume('a', options as never),
  consumeSync: async (options) => limiter.consumeSync('a', options as never),
  peek: (options) => limiter.peek('a', options as never),
  charge: (options) => limiter.charge('a', 1, options as never),
  credit: (options) => limiter.credit('a', 1, options as never),
  reserve: (options) => limiter.reserve('a', options as never),
  wait: (options) => limiter.wait('a', options as never),
  reset: (options) => limiter.reset('a', options as never),
}
const names = Object.keys(verbs)
const call = (verb: string, options: unknown): unknown => verbs[verb]?.(options)
const asking = names.filter((name) => name !== 'reset')

describe.each(names)('the options of %s', (verb) => {
  it.each([[5], [true], [[]], [null], [''], ['cost'], [Number.NaN], [5n], [() => {}]])(
    'are refused when they are %s',
    async (options) => {
      await expect(call(verb, options)).rejects.toMatchObject({
        code: 'invalid-options',
        path: 'options',
        message: expect.stringMatching(/ is not an object of .*policy/),
      })
    },
  )

  it('may be undefined, or an object that says nothing', async () => {
    await expect(call(verb, undefined)).resolves.toBeDefined()
    await expect(call(verb, {})).resolves.toBeDefined()
    await limiter.reset('a')
  })

  it('are refused with a field that is not known', async () => {
    await expect(call(verb, { polcy: 'default' })).rejects.toThrow('(did you mean "policy"?)')
  })

  it.each([[null], [5], [{}], [true]])('have no policy named %j', async (policy) => {
    await expect(call(verb, { policy })).rejects.toMatchObject({
      code: 'unknown-policy',
      message: expect.stringContaining('known are default'),
    })
  })
})

describe.each(asking)('the deadline of %s', (verb) => {
  it.each([['5'], [true], [null], [[]], [[5]], [5n], [-1], [Number.NaN]])('is not %s', async (deadlineMs) => {
    await expect(call(verb, { deadlineMs })).rejects.toMatchObject({
      code: 'invalid-options',
      path: 'options.deadlineMs',
    })
  })

  it.each([0, 0.5, 5, Number.POSITIVE_INFINITY])('may be %s', async (deadlineMs) => {
    await expect(call(verb, { deadlineMs })).resolves.toBeDefined()
    await limiter.reset('a')
  })
})

describe('a cost that is an argument of its own', () => {
  it.each(['charge', 'credit'])('is none of the options of %s too', async (verb) => {
    await expect(call(verb, { cost: 2 })).rejects.toMatchObject({
      code: 'invalid-options',
      message: 'options: unknown field "cost"; known are limit, policy, rule, deadlineMs',
    })
  })
})

describe('what one verb alone takes', () => {
  it.each([
    ['wait', { timout: '1s' }, 'timeout'],
    ['wait', { sginal: undefined }, 'signal'],
    ['reserve', { tll: '1m' }, 'ttl'],
  ])('is suggested by %s for %j', async (verb, options, near) => {
    await expect(call(verb, options)).rejects.toThrow(`(did you mean "${near}"?)`)
  })

  it.each([[5], ['abort'], [{}], [new AbortController()]])('is no signal when it is %s', async (signal) => {
    await expect(call('wait', { signal })).rejects.toMatchObject({
      code: 'invalid-options',
      path: 'options.signal',
    })
  })

  it('may be no signal at all', async () => {
    for (const signal of [undefined, null]) {
      await expect(call('wait', { signal })).resolves.toMatchObject({ allowed: true })
    }
    await limiter.reset('a')
  })
})

describe('a rate of a call whose window stands beside its limit', () => {
  it.each(asking.filter((verb) => verb !== 'charge' && verb !== 'credit'))(
    'is told how to be written by %s',
    async (verb) => {
      await expect(call(verb, { limit: 100, window: '1m' })).rejects.toThrow(
        'unknown field "window"; write limit: { limit: 100, window: "1m" } or "100/1m"',
      )
    },
  )
})
