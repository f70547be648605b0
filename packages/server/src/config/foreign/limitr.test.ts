import { readFileSync } from 'node:fs'
import { createLimiter, HeadgateError, memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { checkSource, parseConfig } from '../config.ts'

const sample = readFileSync(new URL('../../../test/fixtures/limitr.json', import.meta.url), 'utf8')

describe("limitr's file", () => {
  it('is read as it is, with rates as they are written', () => {
    const { policies } = parseConfig(sample, 'rate_limits.json')
    expect(policies).toMatchObject([
      {
        name: 'api.user',
        match: { domain: 'api', prefix: 'user' },
        rules: [
          { name: 'per_second', algorithm: 'token-bucket', limit: '10/s', burst: 100 },
          { name: 'per_minute', algorithm: 'token-bucket', limit: '1667/1000s', burst: 1000 },
        ],
      },
      { name: 'limitr-default', rules: [{ name: 'per_second', limit: '1/2s', burst: 2 }] },
    ])
  })

  it('leaks 1667 in 1000 seconds, and neither more nor less', async () => {
    const clock = manualClock()
    const { policies } = parseConfig(sample, 'rate_limits.json')
    const limiter = createLimiter({ policies, store: memoryStore({ clock }) })
    const who = { domain: 'api', prefix: 'user', key: 'user:42' }
    await limiter.charge(who, 1000 + 1667, { policy: 'api.user' })
    clock.advance(1_000_000)
    const peek = await limiter.peek(who, { cost: 0 })
    expect(peek.rules.map(({ rule, remaining }) => [rule, remaining])).toEqual([
      ['per_second', 100],
      ['per_minute', 0],
    ])
    clock.advance(599)
    expect(await limiter.consume(who)).toMatchObject({ allowed: false, rule: 'per_minute' })
    clock.advance(1)
    expect(await limiter.consume(who)).toMatchObject({ allowed: true, rule: 'per_minute' })
    await limiter.close()
  })

  it('has the default for other pairs alone, each with a budget of its own', async () => {
    const { policies } = parseConfig(sample, 'rate_limits.json')
    const limiter = createLimiter({ policies, store: memoryStore({ clock: manualClock() }) })
    const policyOf = async (who: object) => (await limiter.consume({ key: 'k', ...who })).policy
    expect(await policyOf({ domain: 'api', prefix: 'user' })).toBe('api.user')
    expect(await policyOf({ domain: 'api', prefix: 'ip' })).toBe('limitr-default')
    // What has no domain and prefix is none of limitr's requests.
    expect(await policyOf({})).toBeNull()
    await limiter.consume({ domain: 'a', prefix: 'p', key: 'k' }, { cost: 2 })
    expect((await limiter.consume({ domain: 'a', prefix: 'p', key: 'k' })).allowed).toBe(false)
    expect((await limiter.consume({ domain: 'b', prefix: 'p', key: 'k' })).allowed).toBe(true)
    await limiter.close()
  })

  it('has the built-in default where it says none', () => {
    const { policies } = parseConfig('{ "domains": [] }', 'rate_limits.json')
    expect(policies.map(({ rules }) => rules)).toMatchObject([
      [
        { name: 'per_second', limit: '10/s', burst: 100 },
        { name: 'per_minute', limit: '1667/1000s', burst: 1000 },
      ],
    ])
  })

  const pair = (policies: string, domain = 'api'): string =>
    `{ "domains": [\n{ "domain": "${domain}", "prefix": "user", "policies": [${policies}] }\n] }`
  const rule = (flow: string, burst = '5', name = 'r'): string =>
    `{ "name": "${name}", "flow_rate_per_second": ${flow}, "burst_capacity": ${burst} }`

  it.each([
    [pair(rule('0')), '2:66 domains[0].policies[0].flow_rate_per_second: 0 is not a rate'],
    [pair(rule('-1.5')), '-1.5 is not a rate'],
    [pair(rule('1e-12')), '1e-12 is not a rate'],
    [pair(rule('{}')), 'a map is not a number'],
    [pair(rule('1', '0')), 'burst_capacity: 0 is less than 1'],
    [pair(rule('1', '2.5')), '2.5 is not a whole number'],
    [pair(''), 'domains[0].policies: the list is empty'],
    [pair(rule('1'), ''), 'domains[0].domain: is empty; give it a name'],
    [pair(rule('1'), 'a*'), 'domains[0].domain: "a*" has a *, which would be a pattern here'],
    [pair(`${rule('1')}, ${rule('2')}`), '2:116 domains[0].policies[1]: two rules are named "r"'],
    ['{ "domains": [], "defalt": {} }', 'unknown key "defalt" (did you mean "default"?)'],
  ])('is refused where it is wrong, with the place: %j', (text, message) => {
    expect(() => parseConfig(text, 'rate_limits.json')).toThrow(message)
  })

  it('has a domain and prefix once, in all files', () => {
    const [text] = [pair(rule('1'))]
    const other = { file: 'b.json', text: text ?? '' }
    const texts = [{ file: 'a.json', text: text ?? '' }, other]
    const reason = (() => {
      try {
        return checkSource({ name: '.', variables: new Map(), texts })
      } catch (error) {
        return HeadgateError.from(error).message
      }
    })()
    expect(reason).toContain('b.json:2:1 domains[0]: "api" with "user" is there twice; keep one')
  })
})
