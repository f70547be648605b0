import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CONNECTION_FIELDS, SPOOFED_FIELDS, SPOOFED_PREFIXES } from './field-lists.ts'
import { FieldRoles } from './field-roles.ts'

function roles(): FieldRoles {
  return new FieldRoles({ credentials: ['authorization', 'x-api-key'], own: ['x-auth-principal'] })
}

const names = fc.oneof(
  fc.constantFrom(...CONNECTION_FIELDS, ...SPOOFED_FIELDS, 'x-api-key', 'x-auth-principal', 'accept', 'x_a'),
  fc
    .constantFrom(...SPOOFED_PREFIXES)
    .chain((prefix) => fc.stringMatching(/^[a-z]{1,5}$/).map((end) => prefix + end)),
  fc.stringMatching(/^[a-z_-]{1,80}$/),
)

/** A name with some of its letters in upper case. */
const spellings = fc.tuple(names, fc.bigInt({ min: 0n, max: 2n ** 80n })).map(([name, bits]) => {
  const spell = (char: string, i: number) => ((bits >> BigInt(i)) & 1n ? char.toUpperCase() : char)
  return { name, spelling: [...name].map(spell).join('') }
})

describe('FieldRoles', () => {
  it('does not care how a name is spelled, on which line it stands, or what was there before', () => {
    const used = roles()
    fc.assert(
      fc.property(spellings, fc.nat({ max: 100 }), ({ name, spelling }, line) => {
        const { spelling: _, ...fresh } = roles().of(name, 0)
        expect(used.of(spelling, line)).toEqual({ spelling, ...fresh })
        expect(fresh.name).toBe(name)
      }),
      { numRuns: 2000 },
    )
  })

  it('I-45 drops what a server may take for a special field, and nothing else for its signs', () => {
    const used = roles()
    for (const name of [
      'X-Auth.Principal',
      'x.auth.principal',
      'X-Forwarded.For',
      'X-Api+Key',
      'x!real~ip',
    ]) {
      expect(used.of(name, 0).role).toBe('dropped')
    }
    expect(used.of('X-Auth.Scope', 0).role).toBe('forwarded')
    expect(used.of('x-trace.id', 0).role).toBe('forwarded')
  })

  it('knows names however many others there were', () => {
    const used = roles()
    for (let i = 0; i < 5000; i++) used.of(`x-${i}`, i % 80)
    expect(used.of('X-Real-IP', 3).role).toBe('dropped')
    expect(used.of('X-API-KEY', 3)).toMatchObject({ name: 'x-api-key', role: 'forwarded' })
    expect(used.of('X-API-KEY', 3).once).not.toBe(0)
  })

  it('I-14 takes names of properties for names', () => {
    for (const name of ['constructor', 'hasownproperty', 'tostring', 'valueof']) {
      expect(roles().of(name, 0)).toEqual({ spelling: name, name, role: 'forwarded', once: 0 })
    }
  })
})
