/** What `/v1/record` gives out of a service over memory, through real sockets. */
import { describe, expect, it, vi } from 'vitest'
import { adminOf } from '../admin/admin-server.ts'
import { lostIn, readRecord } from './record-reader.ts'

const FILE = `version: 1
policies:
  - { name: users, key: user, match: { path: '/v2/**' }, rules: [2/day] }
  - { name: keys, key: apiKey, match: { apiKey: ['k-*', 'gold'] }, rules: [100/day] }
  - { name: named, key: tenant, match: { tenant: acme }, rules: [100/day] }
  - { name: plain, missing: skip, rules: [100/day] }
  - { name: units, key: user, match: { path: /cost }, cost: tokens, rules: [100/day] }
deny: { plan: [none] }
`
const CALL = { transport: 'http' } as const

describe('a recording', () => {
  it('has every request as policies saw it, in order, with what was decided', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url)
    const { service } = admin
    for (let i = 0; i < 3; i++) {
      await service.decide([{ who: { user: 'ada', path: '//v2/./a?token=x', ip: '::ffff:192.0.2.1' } }], CALL)
    }
    await service.decide([{ who: { user: 'ada', path: '/v2/a' }, cost: 5 }], { ...CALL, verb: 'peek' })
    await service.decide([{ who: { tenant: 'acme' }, policy: 'named', verb: 'charge', cost: 7 }], CALL)
    await service.decide([{ who: { tenant: 'acme' }, verb: 'credit', cost: 1 }], CALL)
    await service.decide([{ who: 'plain' }], CALL)
    await service.decide([{ who: { session: 'abcdefgh', role: 'admin' } }], CALL)
    await expect.poll(() => log.requests.length).toBe(8)
    const ada = { user: 'ada', path: '/v2/a', ip: '192.0.2.1' }
    expect(log.requests).toMatchObject([
      { verb: 'consume', attributes: ada, allowed: true },
      { verb: 'consume', attributes: ada, allowed: true },
      { verb: 'consume', attributes: ada, allowed: false },
      { verb: 'peek', attributes: { user: 'ada', path: '/v2/a' }, cost: 5, allowed: false },
      { verb: 'charge', attributes: { tenant: 'acme' }, policy: 'named', cost: 7, allowed: true },
      { verb: 'credit', attributes: { tenant: 'acme' }, cost: 1, allowed: true },
      { verb: 'consume', attributes: { key: expect.stringMatching(/^[\w-]{24}$/) }, allowed: true },
      { verb: 'consume', attributes: { role: 'admin' }, allowed: true },
    ])
    // No policy asks for it, and it may be a secret.
    expect(log.requests[7]?.attributes).toEqual({ role: 'admin' })
    const times = log.requests.map(({ at }) => at)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(log.headers).toMatchObject([
      {
        format: 'headgate-record-1',
        hash: service.configuration().hash,
        sample: null,
        hashed: ['apiKey', 'key', 'plan'],
        // Values are none.
        questions: [{ attribute: 'apiKey', hash: expect.stringMatching(/^[\w-]{24}$/) }],
      },
    ])
  })

  it('has in place of a secret what stands for it, and what policies asked of it', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url)
    for (const apiKey of ['k-1', 'k-2', 'k-1', 'gold', 'other']) {
      await admin.service.decide([{ who: { apiKey, plan: 'none' } }], CALL)
    }
    await expect.poll(() => log.requests.length).toBe(5)
    const keys = log.requests.map(({ attributes }) => attributes['apiKey'])
    expect(new Set(keys).size).toBe(4)
    expect(keys[0]).toBe(keys[2])
    expect(log.text).not.toContain('k-1')
    expect(log.requests.map(({ answers }) => answers)).toEqual([[0], [0], [0], undefined, undefined])
  })

  it('keeps the number that a policy takes as its cost, and no other value there', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url)
    for (const tokens of ['30', 'secret']) {
      await admin.service.decide([{ who: { user: 'u', path: '/cost', tokens } }], CALL).catch(() => {})
      await admin.service.decide([{ who: { user: 'u', path: '/none', tokens } }], CALL)
    }
    await expect.poll(() => log.requests.length).toBeGreaterThanOrEqual(3)
    expect(log.requests[0]).toMatchObject({ attributes: { tokens: '30' } })
    expect(log.text).not.toContain('secret')
  })

  it('has requests that say of themselves that they came by the proxy', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url)
    await admin.service.decide([{ who: { user: 'u', path: '/v2/a', 'proxy.gate': 'address' } }], CALL)
    await expect.poll(() => log.requests.length).toBe(1)
    expect(log.requests[0]?.attributes).toEqual({ user: 'u', path: '/v2/a' })
  })

  it('says of requests decided together that they were, and reads their descriptors', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url)
    const descriptor = [
      { key: 'tenant', value: 'acme' },
      { key: 'token', value: 'hush' },
    ]
    const asked = [{ who: { user: 'a', path: '/v2/a' }, cost: 9 }, { who: { domain: 'shop', descriptor } }]
    for (let i = 0; i < 2; i++) await admin.service.decide(asked, CALL)
    await expect.poll(() => log.requests.length).toBe(4)
    const [a, b, c, d] = log.requests
    expect([a?.joint, c?.joint]).toEqual([b?.joint, d?.joint])
    expect(a?.joint).not.toBe(c?.joint)
    expect([a?.allowed, b?.allowed]).toEqual([false, true])
    expect(b?.attributes).toEqual({
      domain: 'shop',
      descriptor: expect.stringMatching(/^\[\["tenant","acme"\],\["token","[\w-]{24}"\]\]$/),
    })
  })

  it('counts what it leaves out, by the reason', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url, { query: '?attribute=user&share=100%25' })
    const { service } = admin
    await service.decide([{ who: { tenant: 'acme' } }], CALL)
    await service.decide([{ who: { key: 'x', user: 'u' }, policy: 'http', rule: { limit: '1/s' } }], CALL)
    await service.decide([{ who: { user: 'u', role: 'x'.repeat(100_000) } }], CALL)
    const { reservation } = await service.reserve({ who: { user: 'u', path: '/v2/b' } }, CALL)
    await service.extend(String(reservation), 1, CALL)
    await expect
      .poll(() => lostIn(log))
      .toEqual({ 'no-attribute': 1, 'own-limit': 1, reservation: 1, 'too-large': 1 })
    expect(log.requests).toMatchObject([{ verb: 'consume', attributes: { user: 'u', path: '/v2/b' } }])
  })

  it('goes on under another configuration, with a header of it', async () => {
    await using admin = await adminOf(FILE)
    await using log = await readRecord(admin.url)
    const ask = () => admin.service.decide([{ who: { apiKey: 'k-1' } }], CALL)
    await ask()
    const former = admin.service.configuration().hash
    admin.at.apply(FILE.replace("'k-*', ", ''))
    await ask()
    await expect.poll(() => log.requests.length).toBe(2)
    const lines = log.text.split('\n').filter((line) => line !== '')
    expect(lines.map((line) => JSON.parse(line).hash)).toEqual([
      former,
      undefined,
      admin.service.configuration().hash,
      undefined,
    ])
    expect(log.headers[1]?.questions).toEqual([])
    expect(log.requests[1]?.answers).toBeUndefined()
  })

  it('ends with a reason where the service stops, and tells who recorded what', async () => {
    await using admin = await adminOf(FILE)
    const told: unknown[] = []
    admin.service.on('recording', (event) => told.push(event))
    const log = await readRecord(admin.url, { query: '?hash=user,ip' })
    await admin.service.decide([{ who: { user: 'u', ip: '192.0.2.7' } }], CALL)
    await admin.drain()
    await expect.poll(() => log.isComplete).toBe(true)
    expect(log.end?.ended).toBe('the service stops')
    const common = { transport: 'admin', sample: null, hash: ['user', 'ip'] }
    expect(told).toEqual([
      { ...common, action: 'start' },
      { ...common, action: 'end', requests: 1, lost: {}, why: 'the service stops' },
    ])
  })

  it('runs twice at most, and makes room where a reader leaves', async () => {
    await using admin = await adminOf(FILE)
    const first = await readRecord(admin.url)
    await using second = await readRecord(admin.url)
    expect(second.status).toBe(200)
    expect((await admin.ask('/v1/record')).json).toMatchObject({
      status: 503,
      detail: expect.stringMatching(/^2 record already.*try again/),
    })
    await first[Symbol.asyncDispose]()
    await expect
      .poll(async () => {
        await using third = await readRecord(admin.url)
        return third.status
      })
      .toBe(200)
  })

  it('makes room at once where a reader leaves, and not when it would be looked at next', async () => {
    await using admin = await adminOf(FILE)
    const ended = Promise.withResolvers<string | null | undefined>()
    admin.service.on('recording', ({ action, why }) => action === 'end' && ended.resolve(why))
    const log = await readRecord(admin.url)
    await expect.poll(() => log.headers.length).toBe(1)
    // From here on no look begins: what waits for one waits for ever.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      await log[Symbol.asyncDispose]()
      expect(await ended.promise).toBeNull()
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    ['?attribute=user', 'attribute and share go together'],
    ['?share=10%25', 'attribute and share go together'],
    ['?attribute=user&share=0%25', 'share is a percentage'],
    ['?attribute=user&share=101%25', 'share is a percentage'],
    ['?attribute=user&share=0.1', 'share is a percentage'],
    ['?attribute=&share=10%25', 'a name of an attribute is empty'],
    ['?hash=user,,ip', 'a name of an attribute is empty'],
    ['?other=1', 'other'],
  ])('refuses %s', async (query, message) => {
    await using admin = await adminOf(FILE)
    const { status, json } = await admin.ask(`/v1/record${query}`)
    expect(status).toBe(400)
    expect(json.detail).toContain(message)
  })
})
