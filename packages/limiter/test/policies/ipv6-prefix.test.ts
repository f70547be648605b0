import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'

const rules = ['1/min']
const [one, sameNetwork, sameHousehold] = ['2001:db8:1:2ff::1', '2001:db8:1:2ff::2', '2001:db8:1:200::2']

describe('the key of an ip', () => {
  it.each([
    [undefined, [true, false, false]],
    [64, [true, false, true]],
    [128, [true, true, true]],
  ])('with an ipv6Prefix of %s has one budget for each network of that size', (ipv6Prefix, expected) => {
    const limiters = [
      createLimiter({ limit: '1/min', key: 'ip', ...(ipv6Prefix && { ipv6Prefix }) }),
      createLimiter({ policies: [{ name: 'api', key: 'user', rules, ...(ipv6Prefix && { ipv6Prefix }) }] }),
    ]
    for (const limiter of limiters) {
      const allowed = [one, sameNetwork, sameHousehold].map((ip) => limiter.consumeSync({ ip }).allowed)
      expect(allowed).toEqual(expected)
    }
  })

  it('is whole for IPv4, and for addresses that stand for one of IPv4', () => {
    const limiter = createLimiter({ limit: '1/min', key: 'ip' })
    for (const ip of ['198.51.100.1', '198.51.100.2', '64:ff9b::198.51.100.1', '64:ff9b::198.51.100.2']) {
      expect(limiter.consumeSync({ ip }).allowed).toBe(true)
    }
  })

  it('says nothing to lists and matches, which see the whole address', () => {
    const limiter = createLimiter({
      policies: [{ name: 'api', key: 'ip', match: { ip: [one, sameHousehold] }, rules }],
      deny: { ip: [sameHousehold] },
    })
    const reasons = [one, sameNetwork, sameHousehold].map((ip) => limiter.consumeSync({ ip }).reason)
    expect(reasons).toEqual(['within-limit', 'unmatched', 'denied-by-policy'])
  })

  it('is what reset finds by any address of the network, and what explain tells', async () => {
    const limiter = createLimiter({ policies: [{ name: 'api', key: 'ip', rules }] })
    limiter.consumeSync({ ip: one })
    const { policies } = await limiter.explain({ ip: one })
    expect(policies[0]?.key).toEqual({ ip: '2001:db8:1:200:0:0:0:0' })
    await limiter.reset({ ip: sameHousehold })
    expect(limiter.consumeSync({ ip: one }).allowed).toBe(true)
  })

  it.each([31, 129, 56.5, '56', null])('refuses an ipv6Prefix of %j', (ipv6Prefix) => {
    const policies = [{ name: 'api', key: 'ip', rules, ipv6Prefix: ipv6Prefix as never }]
    expect(() => createLimiter({ policies })).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'policies[0].ipv6Prefix' }),
    )
  })
})
