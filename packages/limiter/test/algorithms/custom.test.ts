import { describe, expect, it } from 'vitest'
import {
  type AlgorithmDefinition,
  type CustomTerms,
  defineAlgorithm,
} from '../../src/core/algorithms/custom.ts'
import { compileRule, type Rule, type RuleOptions } from '../../src/core/rule.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { play } from '../oracle/play.ts'

const S = 1_000_000

/** N units until nobody has asked for W: state is `count last`. */
const idle: AlgorithmDefinition = {
  name: 'idle',
  words: 2,
  step({ terms: [limit = 0, windowUs = 0], state: [found = 0, last = 0], now, cost, force }) {
    const count = now - last >= windowUs ? 0 : found
    const passes = count + cost <= limit
    const spent = cost > 0 && (passes || force)
    const at = spent ? now : last
    const left = count === 0 && !spent ? 0 : at + windowUs - now
    const after = spent ? count + cost : count
    return { state: [after, at], wait: passes ? 0 : left, remaining: Math.max(0, limit - after), reset: left }
  },
}

const algorithm = defineAlgorithm(idle)
const compile = (more: Partial<RuleOptions> = {}, one = algorithm): Rule =>
  compileRule({ algorithm: one.kind, limit: '3/10s', ...more }, 'rule', {
    algorithms: new Map([[one.kind, one]]),
  })

describe('defineAlgorithm', () => {
  it.each([
    [
      () => {
        throw new Error('no luck')
      },
      'the step of algorithm odd threw "no luck"',
    ],
    [
      () => undefined,
      'the step of algorithm odd returned undefined; return { state, wait, remaining, reset }',
    ],
    [
      async () => ({ state: [0], wait: 0, remaining: 1, reset: 1 }),
      'the step of algorithm odd returned an object; return { state, wait, remaining, reset }',
    ],
  ])('rejects with an error of its own where the step fails: %s', async (step, message) => {
    const odd = defineAlgorithm({ name: 'odd', words: 1, step: step as never })
    const limiter = createLimiter({ algorithm: 'odd', limit: '3/s', algorithms: [odd] })
    await expect(limiter.consume('a')).rejects.toMatchObject({ code: 'internal', message })
  })

  it('decides by the step of the user', () => {
    play(compile(), [
      { at: 100 * S, cost: 2, wait: 0, remaining: 1, reset: 10 * S },
      { at: 105 * S, cost: 2, wait: 5 * S, remaining: 1, reset: 5 * S },
      { at: 105 * S, cost: 1, wait: 0, remaining: 0, reset: 10 * S },
      { at: 105 * S, cost: 4, wait: -1, remaining: 0, reset: 10 * S },
      { at: 115 * S - 1, cost: 1, wait: 1, remaining: 0, reset: 1 },
      { at: 115 * S, cost: 3, wait: 0, remaining: 0, reset: 10 * S },
    ])
  })

  it('hands both twins limit, window and burst, or the terms of its own', () => {
    const { capacity, terms } = compile({ burst: 2 })
    expect([capacity, algorithm.luaTerms(terms as CustomTerms, 0)]).toEqual([2, [2, 3, 10 * S, 2]])
    const own = defineAlgorithm({ ...idle, terms: ({ limit }) => [limit * 2] })
    expect(own.luaTerms(compile({}, own).terms as CustomTerms, 0)).toEqual([3, 6])
  })

  it.each([[[-1]], [[1.5]], [[Number.NaN]], [[2 ** 53]]])('refuses the terms %j', (numbers) => {
    const own = defineAlgorithm({ ...idle, terms: () => numbers })
    expect(() => compile({}, own)).toThrow(
      expect.objectContaining({
        code: 'invalid-rule',
        path: 'rule',
        message: expect.stringContaining('terms of idle'),
      }),
    )
  })

  it('works on its own part of the state, into debt when it is charged', () => {
    const terms = compile().terms as CustomTerms
    // Between two numbers of others: incarnation, recovery, last spend, and the user's two.
    const state = new Float64Array([9, 0, 0, 0, 0, 0, 9])
    algorithm.spend(terms, state, 1, 20 * S, 5, 2)
    expect(Array.from(state)).toEqual([9, 2, 30 * S, 20 * S, 5, 20 * S, 9])
    expect(algorithm.used(terms, state, 1, 20 * S)).toBe(3)
    expect(algorithm.recoversAt(terms, state, 1)).toBe(30 * S)
    algorithm.advance(terms, state, 1, 30 * S)
    expect(Array.from(state)).toEqual([9, 0, 0, 0, 0, 0, 9])
  })

  it('leaves units spent on a refund and a credit', () => {
    const terms = compile().terms as CustomTerms
    const state = new Float64Array(5)
    algorithm.spend(terms, state, 0, 20 * S, 2, 2)
    const receipt = { recoversAtUs: 30 * S, incarnation: 2, returned: 0, credited: 0, stood: 0, since: 0 }
    expect(algorithm.refund(terms, state, 0, 20 * S, 2, receipt)).toBe(0)
    expect(algorithm.credit(terms, state, 0, 20 * S, 2)).toBe(0)
    expect(algorithm.used(terms, state, 0, 20 * S)).toBe(2)
  })

  it.each<[string, Partial<RuleOptions>, boolean]>([
    ['another limit', { limit: '7/10s' }, true],
    ['another burst', { burst: 7 }, true],
    ['another window', { limit: '3/20s' }, false],
  ])('with %s shares its state as it should', (_, more, isShared) => {
    const of = ({ terms }: Rule): string => algorithm.identity(terms as CustomTerms)
    expect(of(compile(more)) === of(compile())).toBe(isShared)
  })

  it('says that a Lua script alone needs Redis', () => {
    const lua = defineAlgorithm({ name: 'lua-only', words: 1, lua: 'function() end' })
    expect(lua.lua).toBe('function() end')
    expect(algorithm.lua).toBe('')
    const terms = compile({}, lua).terms as CustomTerms
    expect(() => lua.advance(terms, new Float64Array(4), 0, 0)).toThrow(
      expect.objectContaining({ code: 'invalid-rule', message: expect.stringContaining('use redisStore') }),
    )
  })

  it.each<[Partial<AlgorithmDefinition> | { step: undefined }, string, RegExp]>([
    [{ name: 'token-bucket' }, 'name', /"token-bucket" is the name of a built-in algorithm; use another/],
    [{ name: 'epoch' }, 'name', /"epoch" is the name of a built-in algorithm; use another/],
    [{ name: '' }, 'name', /"" is not a name of an algorithm; use up to 32 lower-case letters/],
    [{ name: 'Idle' }, 'name', /"Idle" is not a name/],
    [{ name: 'a b' }, 'name', /"a b" is not a name/],
    [{ name: "x'] os.exit()" }, 'name', /is not a name/],
    [{ name: 'x'.repeat(33) }, 'name', /is not a name/],
    [{ name: 5 as never }, 'name', /5 is not a name/],
    [{ words: 0 }, 'words', /0 is not valid; use a whole number from 1 to 64/],
    [{ words: 65 }, 'words', /65 is not valid; use a whole number from 1 to 64/],
    [{ words: 1.5 }, 'words', /1\.5 is not valid; use a whole number/],
    [{ step: undefined }, 'step', /needs a step function, a Lua twin, or both/],
    [{ step: 'x' as never }, 'step', /"x" is not a function/],
    [{ terms: [1] as never }, 'terms', /an array is not a function/],
    [
      { lua: 5 as never },
      'lua',
      /5 is not a Lua function; write 'function\(terms, state, now, cost, force\)/,
    ],
    [{ lua: ' ' }, 'lua', /" " is not a Lua function/],
  ])('refuses %j at its field', (wrong, field, message) => {
    expect(() => defineAlgorithm({ ...idle, ...wrong } as AlgorithmDefinition)).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        path: `defineAlgorithm.${field}`,
        message: expect.stringMatching(message),
      }),
    )
  })
})
