import { afterEach, describe, expect, it, vi } from 'vitest'
import type { OverrideOptions } from '../../src/core/policy-options.ts'
import { createLimiter } from '../../src/create-limiter.ts'

const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})

afterEach(() => emitted.mockClear())

function overridesOf(count: number, attribute: string): OverrideOptions[] {
  return Array.from({ length: count }, (_, i) => ({
    match: { [attribute]: String(i) },
    rules: { r: { limit: { limit: 5, window: `${i + 1}m` } } },
  }))
}

function create(name: string, overrides: readonly OverrideOptions[]): void {
  createLimiter({ policies: [{ name, key: 'user', rules: [{ name: 'r', limit: '5/h' }], overrides }] })
}

describe('a policy whose overrides have many windows of a rule', () => {
  it('is warned of once, with its name, the rule and the fix', () => {
    create('many', overridesOf(5, 'plan'))
    create('many', overridesOf(5, 'plan'))
    expect(emitted).toHaveBeenCalledTimes(1)
    expect(emitted.mock.calls[0]?.[0]).toMatch(/Policy many .* 5 windows .* rule r; .* use fewer/)
  })

  it('is none where a key holds them all', () => {
    create('few', overridesOf(4, 'plan'))
    expect(emitted).not.toHaveBeenCalled()
  })

  it('is none where each override is for keys of its own', () => {
    create('own', overridesOf(9, 'user'))
    expect(emitted).not.toHaveBeenCalled()
  })
})
