/** What comes of any file and any document together. */
import fc from 'fast-check'
import type { PolicyOptions } from 'headgate'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { compose } from '../../src/config/runtime/compose.ts'
import type { RuntimeDocument } from '../../src/config/runtime/runtime-document.ts'
import type { FilePolicy } from '../../src/config/schema/policy-shape.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const

/** A policy that is right by itself, unless its rules are. Two of one group may be against each other. */
const policy = (isRight: boolean): fc.Arbitrary<FilePolicy> =>
  fc
    .record(
      {
        name: fc.constantFrom(...NAMES),
        key: fc.constantFrom('user', 'global'),
        rules: fc.constantFrom(['1/min'], ['5/h', '1/s'], ...(isRight ? [] : [['1/never'], [] as string[]])),
        mode: fc.constantFrom('enforce' as const, 'shadow' as const, 'off' as const),
        shadow: fc.constant({ rules: { '1m': { limit: '2/min' } } }),
        lease: fc.constant({ max: 10 }),
        ban: fc.constant(['1m']),
        choose: fc.constantFrom(
          { group: 'g', priority: 1 },
          ...(isRight ? [] : [{ group: 'g', by: 'path' as const }]),
        ),
      },
      { requiredKeys: ['name', 'key', 'rules'] },
    )
    .map(({ shadow, lease, ban, ...rest }): FilePolicy => {
      // Of these a policy has one at most; a shadow is of its rule.
      const [extra] = [
        rest.rules[0] === '1/min' && shadow ? { shadow } : null,
        ban && { ban },
        lease && { lease },
      ].filter(Boolean)
      return { ...rest, ...extra } as FilePolicy
    })

const policies = (isRight: boolean, max: number) =>
  fc.uniqueArray(policy(isRight), { selector: ({ name }) => name, maxLength: max })

const drawn = fc.record({
  file: policies(true, 4),
  allowed: fc.boolean(),
  policies: policies(false, 6),
  shadow: fc.boolean(),
})

const fileOf = (list: readonly FilePolicy[], allowed: boolean) =>
  parseConfig(JSON.stringify({ runtime: { policies: allowed }, policies: list }), 'headgate.yaml')
const documentOf = (list: readonly FilePolicy[], shadow: boolean): RuntimeDocument => ({
  version: '1-x',
  shadow,
  policies: list,
  history: [],
})

describe('a file and what was changed at run time', () => {
  it('are one configuration that is right, in which the file governs and every policy is in force or accounted for', () => {
    fc.assert(
      fc.property(drawn, ({ file: ofFile, allowed, policies: added, shadow }) => {
        const file = fileOf(ofFile, allowed)
        const { configuration, mistakes } = compose(file, documentOf(added, shadow))
        const names = configuration.policies.map(({ name }) => name)
        // As a file of its own it would be taken.
        parseConfig(JSON.stringify({ policies: configuration.policies }), 'both.yaml')
        expect(names.slice(0, ofFile.length)).toEqual(ofFile.map(({ name }) => name))
        expect(names.slice(ofFile.length)).toEqual(configuration.runtime?.policies)
        for (const { name } of added) {
          const told = configuration.notInForce.filter(({ message }) =>
            message.includes(`policy ${name} is not`),
          )
          const isInForce = configuration.runtime?.policies.includes(name) === true
          expect(told.length > 0).toBe(!isInForce)
          if (isInForce) expect([allowed, ofFile.some((one) => one.name === name)]).toEqual([true, false])
        }
        for (const { path } of mistakes) expect(configuration.runtime?.policies).not.toContain(path[0])
      }),
      { numRuns: 150 },
    )
  })

  it('differ from the switch off by the mode of policies that enforce, and nothing else', () => {
    fc.assert(
      fc.property(drawn, ({ file: ofFile, allowed, policies: added }) => {
        const file = fileOf(ofFile, allowed)
        const [off, on] = [false, true].map(
          (shadow) => compose(file, documentOf(added, shadow)).configuration,
        )
        const inShadow = (one: PolicyOptions): PolicyOptions =>
          (one.mode ?? 'enforce') === 'enforce' ? { ...one, mode: 'shadow' } : one
        expect(on?.policies).toEqual(off?.policies.map(inShadow))
        expect(on?.hash).not.toBe(file.hash)
        expect(off?.hash === file.hash).toBe(off?.runtime?.policies.length === 0)
      }),
      { numRuns: 50 },
    )
  })

  it('have one hash wherever they are put together', () => {
    fc.assert(
      fc.property(drawn, ({ file, allowed, policies: added, shadow }) => {
        const [a, b] = [0, 0].map(() =>
          compose(fileOf(file, allowed), documentOf(structuredClone(added), shadow)),
        )
        expect(a?.configuration).toEqual({ ...b?.configuration })
      }),
      { numRuns: 20 },
    )
  })
})
