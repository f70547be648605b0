/** The scripts that shapes are composed to: all of them load, and nothing of a request or a configuration is part of one. */
import { describe, expect, it } from 'vitest'
import { defineAlgorithm } from '../../src/core/algorithms/custom.ts'
import type { RuleOptions } from '../../src/core/rule.ts'
import { createLimiter } from '../../src/create-limiter.ts'
import { compileScript } from '../../src/stores/redis/compile/compile-script.ts'
import { redisStore } from '../../src/stores/redis/index.ts'
import { fragments } from '../../src/stores/redis/scripts.gen.ts'
import { type Shape, type ShapeRule, shapeOfRequests } from '../../src/stores/redis/shape.ts'
import { idleWindow } from '../oracle/custom.ts'
import { type Random, randomOf, seedOfRun } from '../parity/random.ts'
import { redisForTests } from '../redis-for-tests.ts'

const kinds = Object.keys(fragments).filter((kind) => kind !== 'custom')
const custom = [idleWindow]

const redis = redisForTests()

function ruleOf(kind: string): ShapeRule {
  const isCustom = kind === idleWindow.kind
  return {
    kind,
    moreTerms: isCustom ? 3 : 0,
    words: isCustom ? 2 : 0,
    custom: isCustom,
    role: 'enforced',
    overdraw: false,
  }
}

function shapeOf(requests: readonly (readonly string[])[]): Shape {
  return shapeOfRequests(requests.map((own) => own.map(ruleOf)))
}

function randomShape(random: Random): Shape {
  const all = [...kinds, idleWindow.kind]
  const requests = random.pick([1, 1, 2, 3, 10])
  const most = Math.floor(64 / (requests + 1))
  return shapeOf(
    Array.from({ length: requests }, () => {
      const rules = Math.min(most, random.pick([1, 2, 3, 5, 6, 7, 8, 9, 32]))
      return Array.from({ length: rules }, () => random.pick(all)).sort()
    }),
  )
}

/** The texts that a store sends for limiters of these rules. */
async function textsOf(policy: string, key: string, rules: readonly RuleOptions[]): Promise<string[]> {
  const texts: string[] = []
  const refuse = async (): Promise<never> => Promise.reject(new Error('NOSCRIPT'))
  const keep = async (text: string): Promise<never> => {
    texts.push(text)
    throw new Error('ERR')
  }
  const store = redisStore({ evalsha: refuse, eval: keep })
  const limiter = createLimiter({ policies: [{ name: policy, rules }], store })
  await Promise.allSettled([limiter.consume(key, { cost: 7 }), limiter.charge(key, 7)])
  await store.close()
  return texts
}

describe('the script of a shape', () => {
  it.each(kinds)('loads: %s', async (kind) => {
    const { text, sha } = compileScript(shapeOf([[kind]]), [])
    expect(await redis.admin.script('LOAD', text)).toBe(sha)
  })

  it('loads, whatever the shape', async () => {
    const random = randomOf(seedOfRun('shapes'))
    for (let i = 0; i < 30; i++) {
      const shape = randomShape(random)
      const { text, sha } = compileScript(shape, custom)
      expect(await redis.admin.script('LOAD', text), shape.name).toBe(sha)
      expect(text.split('\n')[0]).toBe(`-- headgate decide: ${shape.name}`)
    }
  })

  it('is the same whatever names, numbers, keys and costs it decides', async () => {
    const rules = (name: string, limit: string, burst: number): RuleOptions[] => [
      { name: `${name}-a`, algorithm: 'token-bucket', limit, burst },
      {
        name: `${name}-b`,
        algorithm: 'fixed-window',
        align: 'calendar',
        limit: `${burst}/day`,
        timezone: 'Africa/Cairo',
      },
      { name: `${name}-c`, limit, segments: 7 },
    ]
    const one = await textsOf('policy-one', 'alice', rules('x', '12345/h', 54_321))
    const two = await textsOf('policy-two', "']] end redis.call('FLUSHALL')", rules('y', '67890/day', 98_765))
    expect(new Set([...one, ...two]).size).toBe(1)
    for (const word of ['policy-one', 'alice', 'x-a', 'Cairo', '12345', '54321'])
      expect(one[0]).not.toContain(word)
  })
})

describe('as many rules and requests as there can be', () => {
  it('are decided: 32 rules', async () => {
    const rules = Array.from({ length: 32 }, (_, i) => ({ limit: `${9 + i}/h`, segments: 60, name: `r${i}` }))
    const limiter = createLimiter({ policies: [{ name: 'p', rules }], store: redisStore(redis.client) })
    expect(await limiter.consume('key')).toMatchObject({ allowed: true, remaining: 8, source: 'store' })
    expect(await limiter.consume('key', { cost: 8 })).toMatchObject({ allowed: true, remaining: 0 })
    expect(await limiter.consume('key')).toMatchObject({ allowed: false, rule: 'r0' })
  })

  it('are decided: ten policies of all kinds', async () => {
    const algorithms = ['token-bucket', 'sliding-window', 'fixed-window', 'sliding-log', idleWindow.kind]
    const policies = Array.from({ length: 10 }, (_, i) => ({
      name: `p${i}`,
      key: 'user',
      rules: algorithms.map((algorithm) => ({ name: algorithm, algorithm, limit: `${9 + i}/h` })),
    }))
    const store = redisStore(redis.client, { algorithms: custom })
    const limiter = createLimiter({ policies, store, algorithms: custom })
    const decisions = []
    for (let i = 0; i < 10; i++) decisions.push(await limiter.consume({ user: 'u' }))
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(9)
    expect(decisions.at(-1)).toMatchObject({ policy: 'p0', source: 'store' })
  })
})

describe('Lua of a custom algorithm', () => {
  it.each(['now', 'reply', 'call', 'adopt', 'raw', 'KEYS_'])('finds no %s of ours', async (name) => {
    const lua = `function(terms, state) return { 0 }, 0 * (${name} and 1), 0, 0 end`
    const nosy = defineAlgorithm({ name: 'nosy', words: 1, lua })
    const store = redisStore(redis.client, { algorithms: [nosy] })
    const limiter = createLimiter({ algorithms: [nosy], algorithm: 'nosy', limit: '9/min', store })
    await expect(limiter.consume('key')).rejects.toThrow(/nonexistent global variable/)
  })
})
