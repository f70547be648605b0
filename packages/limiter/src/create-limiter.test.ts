import { describe, expect, it } from 'vitest'
import { createLimiter } from './create-limiter.ts'
import { memoryStore } from './stores/memory/index.ts'
import { manualClock } from './testing/manual-clock.ts'

const create = (options: unknown) => () => createLimiter(options as never)
const refused = (path: string, message: string) =>
  expect.objectContaining({
    code: 'invalid-options',
    path,
    message: expect.stringContaining(`${path}: ${message}`),
  })

describe('createLimiter', () => {
  it.each([[undefined], [null], ['100/min'], [5], [true], [['100/min']], [() => {}]])(
    'refuses %s, and says what to pass',
    (options) => {
      expect(create(options)).toThrow(
        expect.objectContaining({
          code: 'invalid-options',
          path: 'options',
          message: expect.stringContaining('pass { limit: "100/min" }, or { policies: […] }'),
        }),
      )
    },
  )

  it('refuses a limit beside policies', () => {
    const policies = [{ name: 'p', rules: ['5/s'] }]
    expect(create({ limit: '5/s', policies })).toThrow(
      refused('options', 'limit and policies are both there; give one or the other'),
    )
  })

  it.each([
    [{ limit: 100, window: '1m' }, 'write limit: { limit: 100, window: "1m" } or "100/1m"'],
    [{ limit: 100, window: 60_000 }, 'write limit: { limit: 100, window: 60000 } or "100/60000ms"'],
    [{ limit: '100/min', window: '1m' }, 'known are store, algorithms'],
    [{ limit: 100, window: null }, 'known are store, algorithms'],
    [{ limit: 100, brust: 5, window: '1m' }, '(did you mean "burst"?)'],
  ])('refuses %j with the fix', (options, fix) => {
    expect(create(options)).toThrow(refused('options', 'unknown field'))
    expect(create(options)).toThrow(fix)
  })
})

describe('the store of a limiter', () => {
  it.each<[unknown, string]>([
    ['redis://user:secret@host', 'a text'],
    [null, 'null'],
    [5, '5'],
    [{}, 'an object'],
    [[], 'an array'],
    [memoryStore, 'a function'],
    [Promise.resolve(memoryStore()), 'a promise'],
    [{ ...memoryStore(), decide: () => {} }, 'an object'],
  ])('is refused when it is %s', (store, shown) => {
    const message = `${shown} is not a store; pass redisStore(url) of headgate/redis, or memoryStore()`
    expect(create({ limit: '5/s', store })).toThrow(refused('options.store', message))
  })
})

describe('the clock', () => {
  const { now, after } = manualClock()
  const wrong: [unknown][] = [[null], [5], ['now'], [Date], [{}], [{ now }], [{ after }], [{ now: 5, after }]]

  it.each(wrong)('of a limiter is refused when it is %o', (clock) => {
    expect(create({ limit: '5/s', clock })).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'options.clock' }),
    )
  })

  it.each(wrong)('of a store in memory is refused when it is %o', (clock) => {
    expect(() => memoryStore({ clock } as never)).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        path: 'memoryStore.clock',
        message: expect.stringContaining('pass an object with the functions now and after'),
      }),
    )
  })

  it('may be one of now and after alone', () => {
    const limiter = createLimiter({
      limit: '5/s',
      store: memoryStore({ clock: { now, after } }),
      clock: { now, after },
    })
    expect(limiter.consumeSync('a').allowed).toBe(true)
  })
})

describe('algorithms', () => {
  it.each([[5], [null], ['one'], [{}], [true]])('are refused when they are %j', (algorithms) => {
    expect(create({ limit: '5/s', algorithms })).toThrow(refused('options.algorithms', ''))
  })
})
