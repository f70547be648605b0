import { describe, expect, it } from 'vitest'
import { compileRule, type Rule, type RuleOptions } from '../rule.ts'
import { type AlgorithmDefinition, type CustomTerms, defineAlgorithm } from './custom.ts'

const S = 1_000_000

/** N units until nobody has asked for W: state is `count last`. */
const idle: AlgorithmDefinition = {
  name: 'idle',
  words: 2,
  step([limit = 0, windowUs = 0], [found = 0, last = 0], now, cost, force) {
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
  compileRule({ algorithm: one.kind, limit: '3/10s', ...more }, 'rule', new Map([[one.kind, one]]))

describe('defineAlgorithm', () => {
  it('decides by the step of the user', () => {
    play(compile(), [
      [100 * S, 2, 0, 1, 10 * S],
      [105 * S, 2, 5 * S, 1, 5 * S],
      [105 * S, 1, 0, 0, 10 * S],
      [105 * S, 4, -1, 0, 10 * S],
      [115 * S - 1, 1, 1, 0, 1],
      [115 * S, 3, 0, 0, 10 * S],
    ])
  })

  it('hands both twins limit, window and burst, or the terms of its own', () => {
    expect(compile({ burst: 2 })).toMatchObject({ capacity: 2, line: '10s idle 2 0 0 0 0 0 3 10000000 2 2' })
    const own = defineAlgorithm({ ...idle, terms: ({ limit }) => [limit * 2] })
    expect(compile({}, own).line).toBe('10s idle 2 0 0 0 0 0 6 3')
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

  it('works on its own part of the state, into debt when forced', () => {
    const terms = compile().terms as CustomTerms
    const state = new Float64Array([9, 0, 0, 9])
    algorithm.spend(terms, state, 1, 20 * S, 5)
    expect(Array.from(state)).toEqual([9, 5, 20 * S, 9])
    expect(algorithm.used(terms, state, 1, 20 * S)).toBe(3)
    expect(algorithm.ahead(terms, state, 1, 0)).toBe(false)
  })

  it('leaves units spent on a refund, and starts anew when its rule changes', () => {
    const terms = compile().terms as CustomTerms
    const state = new Float64Array([2, 20 * S])
    algorithm.refund(terms, state, 0, 20 * S, 2, { takenAtUs: 0, recoveredAtUs: 0 })
    expect(Array.from(state)).toEqual([2, 20 * S])
    const other = compile({ burst: 7 }).terms as CustomTerms
    expect(algorithm.convert(terms, state, other, new Float64Array(2), 0)).toBe(false)
    const target = new Float64Array(3)
    expect(algorithm.convert(terms, state, terms, target, 1)).toBe(true)
    expect(Array.from(target)).toEqual([0, 2, 20 * S])
  })

  it('says that a Lua script alone needs Redis', () => {
    const lua = defineAlgorithm({ name: 'lua-only', words: 1, lua: 'function() end' })
    expect(lua.lua).toBe('function() end')
    expect(algorithm.lua).toBe('')
    const terms = compile({}, lua).terms as CustomTerms
    expect(() => lua.judge(terms, new Float64Array(1), 0, 0, 1)).toThrow(
      expect.objectContaining({ code: 'invalid-rule', message: expect.stringContaining('use redisStore') }),
    )
  })

  it.each<[Partial<AlgorithmDefinition> | { step: undefined }, string, RegExp]>([
    [{ name: 'token-bucket' }, 'name', /"token-bucket" is the name of an algorithm of ours; use another/],
    [{ name: 'epoch' }, 'name', /"epoch" is the name of an algorithm of ours; use another/],
    [{ name: '' }, 'name', /"" is not a name of an algorithm; use up to 32 lower-case letters/],
    [{ name: 'Idle' }, 'name', /"Idle" is not a name/],
    [{ name: 'a b' }, 'name', /"a b" is not a name/],
    [{ name: "x'] os.exit()" }, 'name', /is not a name/],
    [{ name: 'x'.repeat(33) }, 'name', /is not a name/],
    [{ name: 5 as never }, 'name', /5 is not a name/],
    [{ words: 0 }, 'words', /0 is not a number from 1 to 64/],
    [{ words: 65 }, 'words', /65 is not a number from 1 to 64/],
    [{ words: 1.5 }, 'words', /1\.5 is not a number/],
    [{ step: undefined }, 'step', /needs a step function, a Lua twin, or both/],
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

/** `[now, cost → wait, remaining, reset]`: what is asked when, and what is answered; what passes is spent. */
type Row = readonly [now: number, cost: number, wait: number, remaining: number, reset: number]

function play(rule: Rule, rows: readonly Row[]): void {
  const state = new Float64Array(200)
  for (const [now, cost, ...says] of rows)
    expect([now, cost, ...ask(rule, state, now, cost)]).toEqual([now, cost, ...says])
}

function ask({ algorithm, terms, capacity }: Rule, state: Float64Array, now: number, cost: number): number[] {
  const wait = algorithm.judge(terms, state, 0, now, cost)
  if (wait === 0 && cost > 0) algorithm.spend(terms, state, 0, now, cost)
  const remaining = Math.max(0, capacity - algorithm.used(terms, state, 0, now))
  return [wait, remaining, algorithm.reset(terms, state, 0, now)]
}
