/** No value that is hashed can be read in a recording, in whatever spelling; what policies ask of it can be answered. */
import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { readRequest } from 'headgate/policies'
import { describe, expect, it } from 'vitest'
import { Pseudonyms } from '../../src/service/record/pseudonyms.ts'
import { observed } from '../observe/observed-service.ts'
import { recordThread, SEED } from './thread-recording.ts'

const FILE = `version: 1
policies:
  - { name: users, key: user, rules: [100000/day] }
  - { name: networks, key: ip, ipv6Prefix: 56, match: { ip: [10.0.0.0/8, '2001:db8::/32'] }, rules: [100000/day] }
  - { name: gold, key: [apiKey, plan], match: { plan: 'gold*' }, rules: [100000/day] }
  - { name: tenants, key: descriptor.token, match: { domain: shop, descriptor: [tenant, { token: 't*' }] }, missing: skip, rules: [100000/day] }
`
const CALL = { transport: 'http' } as const

/** Long enough that none of them is in a line by chance. */
const secret = fc.stringMatching(/^[a-z0-9äß@.:_-]{8,24}$/).filter((text) => !text.includes('descriptor'))
const octet = fc.integer({ min: 100, max: 255 })
const address = fc.oneof(
  fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.')),
  fc.tuple(octet, octet).map(([a, b]) => `2001:db8:${a}:${b}:0:0:${b}:${a}`),
)

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value)
  const coded = (['hex', 'base64', 'base64url'] as const).map((form) => bytes.toString(form).slice(0, -4))
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), ...coded]
}

describe('values that are hashed', () => {
  it('cannot be read, and stay equal where they are', async () => {
    const who = fc.record(
      {
        user: secret,
        ip: address,
        apiKey: secret,
        plan: secret,
        session: secret,
        tenant: secret,
        token: secret,
      },
      { noNullPrototype: true },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(who, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        async (all, hashesKeys) => {
          const hashKeys = { secret: createSecretKey(Buffer.alloc(32, 7)) }
          await using at = observed(FILE, hashesKeys ? { hashKeys } : {})
          // What `hashKeys` hides without being told, the option hides where it is named.
          using recording = recordThread(at.service, {
            hash: hashesKeys ? ['session'] : ['user', 'ip', 'tenant', 'descriptor', 'session'],
          })
          for (const { tenant, token, ...attributes } of [...all, ...all]) {
            const descriptor = [
              { key: 'tenant', value: tenant },
              { key: 'token', value: token },
            ]
            await at.service.decide([{ who: { ...attributes, tenant, domain: 'shop', descriptor } }], CALL)
          }
          const text = recording.text()
          for (const value of all.flatMap((one) => Object.values(one))) {
            for (const form of formsOf(value)) expect(text).not.toContain(form)
          }
          const found = recording.requests()
          expect(found).toHaveLength(2 * all.length)
          expect(found.slice(all.length).map(({ attributes }) => attributes)).toEqual(
            found.slice(0, all.length).map(({ attributes }) => attributes),
          )
          for (const name of ['user', 'apiKey', 'plan', 'session', 'ip'] as const) {
            const plain = new Set(all.map((one) => one[name]))
            expect(new Set(found.map(({ attributes }) => attributes[name])).size).toBe(plain.size)
          }
        },
      ),
      { numRuns: 30 },
    )
  })

  it('have the answers to what policies ask of them', async () => {
    await using at = observed(FILE)
    using recording = recordThread(at.service, { hash: ['ip'] })
    const descriptor = [
      { key: 'tenant', value: 'acme' },
      { key: 'token', value: 't-1' },
    ]
    for (const who of [
      { ip: '10.9.9.9', plan: 'golden' },
      { ip: '::ffff:10.1.1.1', plan: 'silver' },
      { ip: '2001:db8::1', domain: 'shop', descriptor },
      { ip: '192.0.2.1' },
    ]) {
      await at.service.decide([{ who: { user: 'u', ...who } }], CALL)
    }
    const { questions } = recording.header()
    const pseudonyms = new Pseudonyms(SEED)
    const placeOf = (attribute: string, pattern: string): number =>
      questions.findIndex(({ hash }) => hash === pseudonyms.ofPattern({ attribute, pattern }))
    const [ten, gold, documentation] = [
      placeOf('ip', '10.0.0.0/8'),
      placeOf('plan', 'gold*'),
      placeOf('ip', '2001:db8::/32'),
    ]
    expect([ten, gold, documentation].toSorted()).toEqual([0, 1, 2])
    const asked = recording.requests().map(({ answers = [] }) => answers.toSorted())
    expect(asked).toEqual([[ten, gold].toSorted(), [ten], [documentation], []])
  })

  it('cannot be read either where the configuration has them: as values, beginnings of values, or networks', async () => {
    const named = fc.record({
      user: secret,
      apiKey: secret,
      ip: address,
      token: secret,
      isStarred: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(named, fc.boolean(), async (one, hashesKeys) => {
        const starred = (text: string): string => JSON.stringify(one.isStarred ? `${text}*` : text)
        const [user, apiKey, token] = [one.user, one.apiKey, one.token].map(starred)
        const ip = JSON.stringify(one.isStarred ? `${one.ip}/${one.ip.includes(':') ? 128 : 32}` : one.ip)
        const file = `version: 1
policies:
  - name: users
    key: [user, apiKey]
    match: { user: ${user} }
    overrides: [{ match: { apiKey: ${apiKey} }, rules: { 1d: { limit: 7/day } } }]
    rules: [9/day]
  - { name: tokens, key: descriptor.token, match: { domain: shop, descriptor: [{ token: ${token} }] }, rules: [9/day] }
allow: [{ apiKey: ${apiKey} }, { ip: ${ip} }]
deny: { ip: [${ip}], user: [${user}] }
`
        const hashKeys = { secret: createSecretKey(Buffer.alloc(32, 7)) }
        await using at = observed(file, hashesKeys ? { hashKeys } : {})
        using recording = recordThread(at.service, { hash: hashesKeys ? [] : ['user', 'ip'] })
        const descriptor = [{ key: 'token', value: one.token }]
        const { user: name, apiKey: key, ip: address } = one
        for (const who of [{ user: name, apiKey: key }, { ip: address }, { domain: 'shop', descriptor }]) {
          await at.service.decide([{ who }], CALL)
        }
        expect(recording.requests()).toHaveLength(3)
        for (const value of [name, key, address, one.token]) {
          for (const form of formsOf(value)) expect(recording.text()).not.toContain(form)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('are other ones under another seed, so that two logs cannot be joined', async () => {
    await using at = observed(FILE)
    using one = recordThread(at.service)
    using same = recordThread(at.service, { seed: SEED })
    using other = recordThread(at.service, { seed: 'another seed of tests' })
    await at.service.decide([{ who: { user: 'u', apiKey: 'k' } }], CALL)
    const [a, b, c] = [one, same, other].map((each) => each.requests()[0]?.attributes['apiKey'])
    expect(a).toBe(b)
    expect(a).not.toBe(c)
  })

  it('are kept apart from what stands for an address, or is drawn, whatever their attribute is called', () => {
    const pseudonyms = new Pseudonyms(SEED)
    const reading = readRequest({ ip: '192.0.2.1' })
    const isDrawn = pseudonyms.isDrawn('192.0.2.1', 0.999999)
    const hashes = ['address', 'draw'].map((name) => pseudonyms.of(name, '192.0.2.1'))
    for (const hash of hashes) expect(hash).toMatch(/^[\w-]{24}$/)
    expect(pseudonyms.ofAddress(reading)).toMatch(/^fd/)
    expect(pseudonyms.isDrawn('192.0.2.1', 0.999999)).toBe(isDrawn)
    // In whatever order they are asked for.
    const other = new Pseudonyms(SEED)
    expect(other.ofAddress(reading)).toBe(pseudonyms.ofAddress(reading))
    expect(other.of('address', '192.0.2.1')).toBe(hashes[0])
  })

  it('of addresses are addresses, in one network where the true ones are', async () => {
    await using at = observed(FILE)
    using recording = recordThread(at.service, { hash: ['ip'] })
    const ips = [
      '2001:db8:0:1ff::1',
      '2001:db8:0:1ff::2',
      '2001:db8:0:100::1',
      '2001:db8:0:200::1',
      '192.0.2.1',
    ]
    for (const ip of ips) await at.service.decide([{ who: { user: 'u', ip } }], CALL)
    const found = recording.requests().map(({ attributes: { ip = '' } }) => ip)
    const of56 = found.map((ip) => ip.split(':').slice(0, 4).join(':').slice(0, -2))
    const of64 = found.map((ip) => ip.split(':').slice(0, 4).join(':'))
    expect(new Set(found).size).toBe(5)
    expect(new Set(of56.slice(0, 3)).size).toBe(1)
    expect(new Set(of56).size).toBe(3)
    expect(of64[0]).toBe(of64[1])
    for (const ip of found) expect(ip).toMatch(/^fd[0-9a-f]{2}(:[0-9a-f]{1,4}){7}$/)
    using again = recordThread(at.service)
    for (const ip of found) await at.service.decide([{ who: { user: 'u', ip } }], CALL)
    expect(again.requests().map(({ attributes }) => attributes['ip'])).toEqual(found)
  })
})
