import * as theirs from 'express-rate-limit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as ours from '../../../src/entries/compat/express-rate-limit.ts'

const subnet = fc.option(fc.integer({ min: 32, max: 127 }), { nil: undefined })
/** Addresses with long runs of zeros as well, which are written short. */
const ipv6 = fc.oneof(
  fc.ipV6().filter((ip) => !/^::\d+\.\d+\.\d+\.\d+$/.test(ip)),
  fc
    .array(fc.constantFrom('0', '0', '1', 'ab', 'FFFF'), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.join(':')),
)

describe('ipKeyGenerator', () => {
  it('gives every address the key that the other package gives it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), ipv6), subnet, (ip, bits) => {
        expect(ours.ipKeyGenerator(ip, bits)).toBe(theirs.ipKeyGenerator(ip, bits))
      }),
    )
  })

  it('has a zone of an address not be another client', () => {
    expect(ours.ipKeyGenerator('fe80::1%eth0')).toBe(theirs.ipKeyGenerator('fe80::1%eth0'))
  })
})
