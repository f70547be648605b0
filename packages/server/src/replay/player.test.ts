import fc from 'fast-check'
import { createLimiter, memoryStore } from 'headgate'
import { manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../config/config.ts'
import type { PlayedRequest } from './played-request.ts'
import { Player } from './player.ts'

const FILE = `
policies:
  - name: ip
    key: ip
    rules: [{ name: burst, algorithm: token-bucket, limit: 3/s, burst: 4 }, 20/min]
    ban: [2s, 10s]
  - name: writes
    match: { method: [POST, PUT], path: /api/** }
    key: [ip, path]
    cost: units
    rules: [6/10s]
    overrides: [{ match: { ip: 10.0.0.1 }, rules: { 10s: { limit: 2/10s } } }]
  - name: day
    key: global
    mode: shadow
    rules: [{ name: day, algorithm: fixed-window, limit: 40/day, align: calendar, timezone: Europe/Paris }]
  - { name: small, match: { path: /a/** }, key: ip, rules: [2/s], choose: { group: tier, priority: 1 } }
  - { name: large, match: { path: /a/b }, key: ip, rules: [4/s], choose: { group: tier, priority: 2 } }
allow: { ip: [10.0.0.9] }
deny: { path: [/admin/**] }
`
const configuration = parseConfig(FILE, 'test.yaml')

const request = fc.record({
  gapMs: fc.integer({ min: 0, max: 1500 }),
  ip: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.9', '2001:db8::1'),
  method: fc.constantFrom('GET', 'POST'),
  path: fc.constantFrom('/api/x', '/a/b', '/a/c', '/admin/x'),
  units: fc.constantFrom('1', '2', '7'),
})

function requestsOf(
  drawn: readonly (typeof request extends fc.Arbitrary<infer R> ? R : never)[],
): PlayedRequest[] {
  let atUs = Date.UTC(2026, 2, 28, 22, 59, 50) * 1000
  return drawn.map(({ gapMs, ...who }) => {
    atUs += gapMs * 1000
    return { atUs, who }
  })
}

describe('a player', () => {
  it('decides as a plain limiter on a memory store does whose clock is set to the same times', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 120 }), async (drawn) => {
        const requests = requestsOf(drawn)
        const clock = manualClock(0)
        const { policies, allow, deny } = configuration
        const plain = createLimiter({ policies, allow, deny, store: memoryStore({ clock }) })
        const player = new Player({ configuration })
        const [allowed, reasons] = [[0, 0], new Map<string, number>()]
        for (const one of requests) {
          clock.set(one.atUs)
          const expected = plain.consumeSync(one.who)
          const played = await player.play(one)
          const { receipt: _, ...rest } = expected
          expect(played).toMatchObject(rest)
          allowed[expected.allowed ? 1 : 0] = (allowed[expected.allowed ? 1 : 0] as number) + 1
          reasons.set(expected.reason, (reasons.get(expected.reason) ?? 0) + 1)
        }
        const report = player.report()
        expect([report.denied, report.allowed]).toEqual(allowed)
        expect(report.reasons).toEqual(Object.fromEntries(reasons))
        expect(report.refused).toBe(0)
        await Promise.all([player.close(), plain.close()])
      }),
      { numRuns: 40 },
    )
  })

  it('counts each key, and keeps the first denial of each with what explains it', async () => {
    const player = new Player({
      configuration: parseConfig('policies: [{ name: ip, key: ip, rules: [2/min] }]', 'x'),
    })
    for (let i = 0; i < 6; i++) {
      for (const ip of ['192.0.2.1', '192.0.2.2']) {
        await player.play({ atUs: i * 1e6, who: { ip, path: '/x' } })
      }
    }
    const { policies, denials, peak, timeline } = player.report()
    expect(policies).toMatchObject([
      {
        policy: 'ip',
        passed: 4,
        denied: 8,
        rules: [{ rule: '1m', judged: 12, denied: 8, binding: 8 }],
        mostAsked: [
          { key: '192.0.2.1', count: 6, error: 0 },
          { key: '192.0.2.2', count: 6, error: 0 },
        ],
        mostDenied: [{ count: 4 }, { count: 4 }],
      },
    ])
    expect(denials).toMatchObject([
      {
        at: 2000,
        policy: 'ip',
        reason: 'limited',
        policies: [{ outcome: 'applies', key: { ip: '192.0.2.1' } }],
      },
      { at: 2000, policies: [{ key: { ip: '192.0.2.2' } }] },
    ])
    expect(peak.requests.perSecond).toBe(2)
    expect(timeline).toEqual({
      from: 0,
      stepMs: 1000,
      allowed: [2, 2, 0, 0, 0, 0],
      denied: [0, 0, 2, 2, 2, 2],
    })
  })

  it('says which attributes no request had, and what that makes of a policy', async () => {
    const file = `policies:
      - { name: tenants, match: { tenant: acme }, rules: [1/s] }
      - { name: keys, key: apiKey, rules: [1/s] }
      - { name: strict, key: user, missing: refuse, rules: [1/s] }
      - { name: off, key: other, mode: off, rules: [1/s] }`
    const player = new Player({ configuration: parseConfig(file, 'x') })
    expect(await player.play({ atUs: 0, who: { ip: '192.0.2.1', key: 'k' } })).toBeNull()
    const { warnings, refused, refusals } = player.report()
    expect(warnings).toEqual([
      'policy tenants needs attribute tenant, which no request has: it never applies',
      'policy keys needs attribute apiKey, which no request has: it counts by address instead',
      'policy strict needs attribute user, which no request has: it refuses every request',
    ])
    expect([refused, refusals]).toMatchObject([1, [{ code: 'invalid-key', count: 1 }]])
  })

  it('counts by the status of the response what a policy of the proxy counts so', async () => {
    const file = `proxy: { upstream: 'http://127.0.0.1:9' }
policies: [{ name: login, match: { path: /login }, key: ip, count: { status: [401] }, rules: [2/min] }]`
    const player = new Player({ configuration: parseConfig(file, 'x') })
    const statuses = ['200', '401', '200', '401', '200', '401']
    const allowed: unknown[] = []
    for (const [i, status] of statuses.entries()) {
      const who = { ip: '192.0.2.1', method: 'POST', path: '/login', status }
      allowed.push((await player.play({ atUs: i * 1000, who }))?.allowed)
    }
    expect(allowed).toEqual([true, true, true, true, false, false])
  })

  it('denies at the gates of a proxy one after the other, and what is asked at one of them together', async () => {
    const file = `proxy: { upstream: 'http://127.0.0.1:9' }
policies:
  - { name: users, key: user, missing: skip, rules: [2/min], ban: [1h] }
  - { name: login, match: { path: /login }, key: ip, count: { status: [401] }, rules: [2/min] }
  - { name: ip, key: ip, rules: [4/min] }`
    const player = new Player({ configuration: parseConfig(file, 'x') })
    const ask = async (seconds: number, user: string, path: string): Promise<unknown> => {
      const who = { ip: '192.0.2.1', user, path, status: '401' }
      const decision = await player.play({ atUs: seconds * 1e6, who })
      return decision?.allowed === false ? decision.policy : null
    }
    expect([await ask(0, 'ann', '/login'), await ask(1, 'ann', '/login')]).toEqual([null, null])
    // That of the address comes first: no offence of the user.
    expect(await ask(2, 'ann', '/login')).toBe('login')
    expect([await ask(3, 'bob', '/'), await ask(4, 'bob', '/')]).toEqual([null, null])
    expect(await ask(5, 'ann', '/')).toBe('ip')
    expect(await ask(130, 'ann', '/')).toBeNull()
    await player.close()
  })

  it('refuses a policy whose cost only the response says, unless it is left out', () => {
    const file = `proxy: { upstream: 'http://127.0.0.1:9' }
policies: [{ name: tokens, key: ip, cost: response.header.x-tokens, rules: [9/min] }, { name: ip, key: ip, rules: [9/min] }]`
    const own = parseConfig(file, 'x')
    expect(() => new Player({ configuration: own })).toThrow(
      /policy tokens costs what the response says in x-tokens/,
    )
    expect(new Player({ configuration: own, only: ['ip'] }).policies).toHaveLength(1)
  })
})
