import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Limiter } from '../core/limiter.ts'
import type { RuleOptions } from '../core/rule.ts'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { type ManualClock, manualClock } from '../testing/manual-clock.ts'

/** A rule, beside which other numbers decide for every key until they are promoted. */
function trial(
  rule: RuleOptions,
  changes: Partial<RuleOptions>,
): { readonly limiter: Limiter; readonly clock: ManualClock; promote(): void } {
  const clock = manualClock()
  const shadow = { rules: { r: changes }, rollout: '100%' }
  const policy = { name: 'p', rules: [{ ...rule, name: 'r' }] }
  const limiter = createLimiter({ policies: [{ ...policy, shadow }], store: memoryStore({ clock }) })
  const promoted = { name: 'p', rules: [{ ...rule, ...changes, name: 'r' }] }
  return { limiter, clock, promote: () => limiter.policies.set(promoted) }
}

async function spendAll(limiter: Limiter): Promise<number> {
  let passed = 0
  while ((await limiter.consume('a')).allowed) passed++
  return passed
}

describe('the numbers of a shadow that decided for every key, once they are those of the rule', () => {
  const calls = fc.array(fc.record({ cost: fc.integer({ min: 1, max: 15 }), ms: fc.nat(20_000) }), {
    maxLength: 60,
  })

  // As many units as segments or fewer stand each in an entry of their own, and so a part of a segment longer.
  it.each<[string, RuleOptions, (lower: number) => Partial<RuleOptions>]>([
    ['limit of a sliding window', { limit: '40/min' }, (n) => ({ limit: `${n}/min` })],
    ['limit of a log', { limit: '40/min', algorithm: 'sliding-log' }, (n) => ({ limit: `${n}/min` })],
    [
      'limit of a fixed window',
      { limit: '40/min', algorithm: 'fixed-window' },
      (n) => ({ limit: `${n}/min` }),
    ],
    ['burst of a bucket', { limit: '40/min', burst: 40 }, (n) => ({ burst: n })],
  ])('hand out nothing with a lower %s', async (_, rule, changesOf) => {
    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 11, max: 40 }), async (spends, lower) => {
        const { limiter, clock, promote } = trial(rule, changesOf(lower))
        for (const { cost, ms } of spends) {
          await limiter.consume('a', { cost })
          clock.advance(ms)
        }
        const before = await limiter.peek('a', { cost: 0 })
        promote()
        const { remaining, resetAfterMs } = await limiter.peek('a', { cost: 0 })
        expect([remaining, resetAfterMs]).toEqual([before.remaining, before.resetAfterMs])
      }),
      { numRuns: 50 },
    )
  })

  it.each<[string, RuleOptions, Partial<RuleOptions>, number]>([
    ['a higher limit: what was above the old one', { limit: '5/min' }, { limit: '8/min' }, 3],
    ['a higher burst: what was above the old one', { limit: '5/min', burst: 5 }, { burst: 8 }, 3],
    [
      'a higher rate: what was above the old burst',
      { limit: '5/min', burst: 5 },
      { limit: '8/min', burst: 8 },
      3,
    ],
    ['a lower rate: nothing at once', { limit: '8/min', burst: 8 }, { limit: '5/min', burst: 5 }, 0],
    ['another window: all of it', { limit: '5/min' }, { limit: '8/h' }, 8],
    ['another algorithm: all of it', { limit: '5/min' }, { algorithm: 'fixed-window', limit: '5/min' }, 5],
  ])('hand out with %s, and that once', async (_, rule, changes, handedOut) => {
    const { limiter, promote } = trial(rule, changes)
    await spendAll(limiter)
    promote()
    expect(await spendAll(limiter)).toBe(handedOut)
    expect(await spendAll(limiter)).toBe(0)
  })

  it('let no more than one new limit pass on top for a key that had spent more before', async () => {
    const clock = manualClock()
    const policy = { name: 'p', rules: [{ name: 'r', limit: '5/min' }] }
    const shadow = { rules: { r: { limit: '2/min' } } }
    const store = memoryStore({ clock })
    const limiter = createLimiter({ policies: [{ ...policy, shadow }], store })
    await limiter.consume('a', { cost: 5 })
    limiter.policies.set({ ...policy, shadow: { ...shadow, rollout: '100%' } })
    clock.advance(30_000)
    expect(await spendAll(limiter)).toBe(2)
    limiter.policies.set({ name: 'p', rules: [{ name: 'r', limit: '2/min' }] })
    expect(await spendAll(limiter)).toBe(0)
    clock.advance(30_000)
    expect(await spendAll(limiter)).toBe(2)
  })
})
