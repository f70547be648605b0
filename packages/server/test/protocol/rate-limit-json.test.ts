import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { convertSource } from '../../src/config/convert/convert-source.ts'
import { type LiveServer, live } from './live-server.ts'

const LIMITS = `domain: edge
descriptors:
  - key: plan
    rate_limit: { unit: hour, requests_per_unit: 5 }
    metadata: { tier: { name: basic }, seen: 1 }
  - key: user
    rate_limit: { unit: minute, requests_per_unit: 2 }
    metadata: { tier: { name: other, level: 2 } }
  - key: trial
    rate_limit: { unit: day, requests_per_unit: 3 }
    shadow_mode: true
  - key: quota
    rate_limit: { unit: day, requests_per_unit: 4 }
    quota_mode: true
  - key: file
    value: "*.png"
    share_threshold: true
    rate_limit: { unit: day, requests_per_unit: 2 }
`

const OURS = `policies:
  - { name: tokens, match: { domain: llm }, key: user, rules: [{ limit: 10/15m, burst: 10 }], overdraw: true }
  - { name: strict, match: { domain: "api-*", descriptor: [user] }, key: user, rules: [3/min] }
  - { name: default, match: { domain: "*", prefix: "*" }, key: user, rules: [1/s] }
attributes: { user: descriptor.user }
`

type Entry = readonly [key: string, value: string]
type Fields = Readonly<Record<string, unknown>>

const descriptor = (entry: Entry, more: Fields = {}): Fields => ({
  entries: [{ key: entry[0], value: entry[1] }],
  ...more,
})

let server: LiveServer

beforeEach(async () => {
  server = await live(LIMITS, 'limits.yaml')
})

afterEach(() => server[Symbol.asyncDispose]())

const ask = async (descriptors: readonly Fields[], more: Fields = {}) =>
  server.ask('/json', { body: { domain: 'edge', descriptors, ...more } })

/** What is left under a descriptor, as one that only looks is told. */
async function left(entry: Entry, more: Fields = {}): Promise<number> {
  const { json } = await ask([descriptor(entry, { hitsAddend: 0 })], more)
  return json.statuses[0].limitRemaining ?? 0
}

async function times(count: number, ...descriptors: readonly Fields[]): Promise<void> {
  for (let i = 0; i < count; i++) await ask(descriptors)
}

describe('POST /json', () => {
  it('answers by the names that the messages have in JSON, and with when to come again', async () => {
    const allowed = await ask([descriptor(['user', 'a']), descriptor(['nobody', 'x'])])
    expect([allowed.status, allowed.json]).toEqual([
      200,
      {
        overallCode: 'OK',
        statuses: [
          {
            code: 'OK',
            currentLimit: { requestsPerUnit: 2, unit: 'MINUTE' },
            limitRemaining: 1,
            durationUntilReset: expect.stringMatching(/^\d+s$/),
          },
          { code: 'OK' },
        ],
        responseHeadersToAdd: [
          { key: 'RateLimit-Limit', value: '2' },
          { key: 'RateLimit-Remaining', value: '1' },
          { key: 'RateLimit-Reset', value: expect.stringMatching(/^\d+$/) },
        ],
        dynamicMetadata: {
          domain: 'edge',
          descriptors: [{ entries: ['user=a'] }, { entries: ['nobody=x'] }],
          metadata: { tier: { name: 'other', level: 2 } },
        },
      },
    ])
    await ask([descriptor(['user', 'a'])])
    const denied = await ask([descriptor(['user', 'a'])])
    expect([denied.status, denied.json.overallCode]).toEqual([429, 'OVER_LIMIT'])
    const reset = Number.parseInt(denied.json.statuses[0].durationUntilReset, 10)
    expect(Number(denied.headers['retry-after'])).toBe(reset)
    expect(denied.json.dynamicMetadata).not.toHaveProperty('metadata')
  })

  it('takes either spelling, numbers as texts, units by number, and null for nothing', async () => {
    const body = {
      domain: 'edge',
      hits_addend: 2,
      descriptors: [
        { entries: [{ key: 'plan', value: 'x' }], hits_addend: '3', is_negative_hits: null },
        {
          entries: [{ key: 'plan', value: 'y' }],
          limit: { requests_per_unit: 7, unit: 3, unit_multiplier: 2 },
        },
      ],
    }
    const { json } = await server.ask('/json', { body })
    expect(json.statuses).toMatchObject([
      { limitRemaining: 2 },
      { currentLimit: { requestsPerUnit: 7, unit: 'HOUR', unitMultiplier: 2 }, limitRemaining: 5 },
    ])
  })

  it('refuses what is wrong with 400, the field and a sentence', async () => {
    const { status, json } = await ask([{ entries: [{ key: '', value: 'x' }] }])
    expect([status, json.path, json.detail]).toEqual([
      400,
      'descriptors[0].entries[0].key',
      'the key of an entry is empty',
    ])
  })
})

describe('several descriptors of one request', () => {
  it('pass together or not at all, but for hits above 1, which report what was spent', async () => {
    await times(2, descriptor(['user', 'a']))
    const denied = await ask([
      descriptor(['user', 'a']),
      descriptor(['plan', 'one']),
      descriptor(['plan', 'two'], { hitsAddend: 2 }),
    ])
    expect(denied.json.statuses.map(({ code }: { code: string }) => code)).toEqual(['OVER_LIMIT', 'OK', 'OK'])
    expect(await Promise.all([left(['plan', 'one']), left(['plan', 'two'])])).toEqual([5, 3])
  })

  it('count hits above 1 also where they cross the limit, in quotas and in shadow too', async () => {
    for (const key of ['plan', 'quota', 'trial']) {
      const { json } = await ask([descriptor([key, 'x'], { hitsAddend: 20 })])
      expect(json.statuses[0]).toMatchObject({ code: key === 'trial' ? 'OK' : 'OVER_LIMIT' })
      // Also what only looks sees a debt.
      const { json: after } = await ask([descriptor([key, 'x'], { hitsAddend: 0 })])
      expect(after.overallCode).toBe(key === 'trial' ? 'OK' : 'OVER_LIMIT')
      await ask([descriptor([key, 'x'], { hitsAddend: 18, isNegativeHits: true })])
      expect(await left([key, 'x'])).toBeGreaterThan(0)
    }
  })

  it('give hits back whatever the others say', async () => {
    await times(2, descriptor(['user', 'a']), descriptor(['plan', 'p']))
    const denied = await ask([
      descriptor(['user', 'a']),
      descriptor(['plan', 'p'], { hitsAddend: 1, isNegativeHits: true }),
    ])
    expect(denied.json.overallCode).toBe('OVER_LIMIT')
    expect(denied.json.statuses[1]).toMatchObject({ code: 'OK', limitRemaining: 4 })
    expect(await left(['plan', 'p'])).toBe(4)
  })

  it('are over their limit where they bring more windows to a key than it holds', async () => {
    const limit = (unitMultiplier: number): Fields =>
      descriptor(['plan', 'x'], { limit: { requestsPerUnit: 9, unit: 'HOUR', unitMultiplier } })
    const codes: string[] = []
    for (let i = 1; i <= 6; i++)
      codes.push((await ask([limit(i), descriptor(['plan', 'y'])])).json.overallCode)
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'OK'), 'OVER_LIMIT'])
    expect(await left(['plan', 'y'])).toBe(0)
  })
})

describe('limits of envoyproxy/ratelimit over other wires', () => {
  const attributes = { domain: 'edge' }
  const asked = (value: string) => ({ attributes, descriptor: [{ key: 'file', value }] })
  const post = async (path: string, body: object) => server.ask(path, { body })

  it('are found by domain and descriptor, and have the same budgets', async () => {
    const consumed = await post('/v1/consume', asked('a.png'))
    expect(consumed.json).toMatchObject({ allowed: true, policy: 'edge.file._.png-aaa72dfd', remaining: 1 })
    expect(await left(['file', 'b.png'])).toBe(1)
    expect((await post('/v1/consume', asked('a.txt'))).json.reason).toBe('unmatched')
    const explained = await post('/v1/explain', asked('c.png'))
    const applied = explained.json.policies.filter(({ rules }: { rules: unknown[] }) => rules.length > 0)
    expect(applied).toMatchObject([
      {
        policy: 'edge.file._.png-aaa72dfd',
        key: { 'envoy.key.edge.file._.png-aaa72dfd': '[["file","…"]]' },
      },
    ])
    expect((await post('/v1/reset', asked('d.png'))).json).toEqual({ policies: ['edge.file._.png-aaa72dfd'] })
    expect(await left(['file', 'e.png'])).toBe(2)
    await post('/v1/block', { ...asked('f.png'), duration: '1h' })
    expect((await ask([descriptor(['file', 'g.png'])])).json.overallCode).toBe('OVER_LIMIT')
  })

  it('count on where the file is converted', async () => {
    await times(2, descriptor(['plan', 'x']))
    const { text } = convertSource({ name: '.', texts: [{ file: 'limits.yaml', text: LIMITS }] })
    server.service.apply(parseConfig(text, 'headgate.yaml'))
    expect(await left(['plan', 'x'])).toBe(3)
  })

  it('are found anew when the file changes', async () => {
    await times(1, descriptor(['plan', 'x']))
    const changed = LIMITS.replace('key: plan', 'key: tariff').replace('key: user', 'key: plan')
    server.service.apply(parseConfig(changed, 'limits.yaml'))
    const { json } = await ask([descriptor(['plan', 'x'])])
    expect(json.statuses[0].currentLimit).toEqual({ requestsPerUnit: 2, unit: 'MINUTE' })
  })

  it('are listed by name, without the values of requests', async () => {
    await times(1, descriptor(['plan', 'secret-1']))
    const { text, json } = await server.ask('/v1/policies')
    expect(json.policies.map(({ name }: { name: string }) => name)).toContain('edge.plan')
    expect(text).not.toContain('secret-1')
  })
})

describe('policies of ours over the protocol', () => {
  beforeEach(async () => {
    await server[Symbol.asyncDispose]()
    server = await live(OURS)
  })

  it('are found by domain and descriptor, with attributes from the descriptor', async () => {
    const { json } = await ask([descriptor(['user', 'a'])], { domain: 'api-1' })
    expect(json.statuses[0]).toMatchObject({
      currentLimit: { name: 'strict', requestsPerUnit: 3, unit: 'MINUTE' },
      limitRemaining: 2,
    })
    expect(await left(['user', 'b'], { domain: 'api-1' })).toBe(3)
    const other = await ask([descriptor(['user', 'a'])], { domain: 'other' })
    expect(other.json).toEqual({ overallCode: 'OK', statuses: [{ code: 'OK' }] })
  })

  it('take a limit of the caller in domains that they know', async () => {
    const limited = descriptor(['user', 'a'], { limit: { requestsPerUnit: 1, unit: 'DAY' } })
    for (const domain of ['llm', 'api-7', 'other']) {
      await ask([limited], { domain })
      const { status } = await ask([limited], { domain })
      expect([domain, status]).toEqual([domain, domain === 'other' ? 200 : 429])
    }
  })

  it('count hits above 1 as their rules say: into debt by overdraw, else not at all', async () => {
    const many = descriptor(['user', 'a'], { hitsAddend: 12 })
    const late = await ask([many], { domain: 'llm' })
    expect(late.json.statuses[0]).toMatchObject({
      code: 'OK',
      currentLimit: { requestsPerUnit: 10, unit: 'MINUTE', unitMultiplier: 15 },
      limitRemaining: 0,
    })
    expect((await ask([many], { domain: 'api-1' })).status).toBe(429)
    expect(await left(['user', 'a'], { domain: 'api-1' })).toBe(3)
  })
})
