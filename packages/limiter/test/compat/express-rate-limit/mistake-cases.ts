/** What is wrong, and keys of addresses in odd forms: nothing that asks a store. */
import { expect } from 'vitest'
import { type Case, outcome } from './case.ts'

export const mistakeCases: readonly Case[] = [
  {
    name: 'options that are mistakes',
    async run({ create, differing }) {
      const keyGenerator = (): string => 'a'
      const tried = {
        'an option that is unknown': { windowMS: 1000 },
        'onLimitReached, of before version 7': { onLimitReached() {} },
        'draft_polli_ratelimit_headers, of before version 7': { draft_polli_ratelimit_headers: true },
        'a draft that is unknown': { standardHeaders: 'draft-9' },
        'an ipv6Subnet of 16': { ipv6Subnet: 16 },
        'an ipv6Subnet beside a keyGenerator': { ipv6Subnet: 64, keyGenerator },
        'a limit of -1': { limit: -1 },
        'a window of 0 milliseconds': { windowMs: 0 },
        'a store of before version 6': { store: { incr() {}, decrement() {}, resetKey() {} } },
      } as const
      for (const [what, options] of Object.entries(tried)) {
        const expected = differing(what as keyof typeof tried)
        expect([what, outcome(() => create(options as never))]).toEqual([what, expected])
      }
    },
  },
  {
    name: 'a store that lacks what every store has is an error',
    async run({ create }) {
      const increment = (): { totalHits: number; resetTime: undefined } => ({
        totalHits: 1,
        resetTime: undefined,
      })
      for (const store of [{}, { increment }, { increment, decrement() {} }]) {
        expect(outcome(() => create({ store: store as never }))).toBe('an error')
      }
    },
  },
  {
    name: 'ipKeyGenerator of addresses in odd forms',
    async run({ ipKeyGenerator, differing }) {
      expect(ipKeyGenerator('192.0.2.1:443')).toBe(differing('key of an address with a port'))
      const deprecated = 'key of an address in the notation that RFC 4291 deprecates'
      expect(ipKeyGenerator('::192.0.2.1')).toBe(differing(deprecated))
      expect(ipKeyGenerator('unknown')).toBe('unknown')
      expect(ipKeyGenerator('::ffff:192.0.2.1')).toBe('192.0.2.1')
      expect(ipKeyGenerator('2001:db8::1', false)).toBe('2001:db8::1')
    },
  },
]
