import { describe, expect, it } from 'vitest'
import type { Decision, ShadowView } from '../core/decision.ts'
import { fallbackKey } from '../core/key.ts'
import type { Limiter } from '../core/limiter.ts'
import type { PolicyOptions } from '../core/policy-options.ts'
import { createLimiter } from '../create-limiter.ts'
import { isInShare, parseShare } from '../policies/rollout.ts'
import { memoryStore } from '../stores/memory/index.ts'
import { manualClock } from '../testing/manual-clock.ts'

const rules = ['5/min']

function limiterOf(...policies: readonly PolicyOptions[]): Limiter {
  return createLimiter({ policies, store: memoryStore({ clock: manualClock() }) })
}

/** Name and answer of each rule that only counts. */
function counted({ shadow }: Decision): string[] {
  return shadow.map(({ policy, rule, allowed, remaining }: ShadowView) => {
    return `${policy} ${rule} ${allowed ? 'allows' : 'denies'}, ${remaining} left`
  })
}

describe('a rule in shadow', () => {
  const policy: PolicyOptions = { name: 'p', rules, shadow: { rules: { '1m': { limit: '2/min' } } } }

  it('tells what it would have answered, and denies nothing', async () => {
    const limiter = limiterOf(policy)
    const seen = []
    for (let i = 0; i < 3; i++) {
      const decision = await limiter.consume('a')
      expect(decision).toMatchObject({ allowed: true, rule: '1m', remaining: 4 - i, source: 'store' })
      expect(decision.rules).toHaveLength(1)
      seen.push(...counted(decision))
    }
    const name = 'p 1m~shadow'
    expect(seen).toEqual([`${name} allows, 1 left`, `${name} allows, 0 left`, `${name} denies, 0 left`])
    const { shadow } = await limiter.consume('a')
    expect(shadow).toMatchObject([{ limit: 2, rate: { limit: 2, windowMs: 60_000 }, retryAfterMs: 60_000 }])
  })

  it('spends nothing where the live rule denies, and takes part in a receipt only where it passed', async () => {
    const limiter = limiterOf(policy)
    const first = await limiter.consume('a', { cost: 2 })
    const second = await limiter.consume('a', { cost: 2 })
    expect(counted(second)).toEqual(['p 1m~shadow denies, 0 left'])
    const denied = await limiter.consume('a', { cost: 2 })
    expect([denied.allowed, counted(denied)]).toEqual([false, ['p 1m~shadow denies, 0 left']])
    expect(await limiter.refund(second.receipt as NonNullable<typeof second.receipt>)).toBe(2)
    expect(counted(await limiter.peek('a', { cost: 0 }))).toEqual(['p 1m~shadow allows, 0 left'])
    expect(await limiter.refund(first.receipt as NonNullable<typeof first.receipt>)).toBe(2)
    expect(counted(await limiter.peek('a', { cost: 0 }))).toEqual(['p 1m~shadow allows, 2 left'])
  })

  it('is reached by charge, credit, settle, cancel and reset', async () => {
    const limiter = limiterOf(policy)
    const shadowLeft = async (): Promise<number | undefined> =>
      (await limiter.peek('a', { cost: 0 })).shadow[0]?.remaining
    expect(counted(await limiter.charge('a', 3))).toEqual(['p 1m~shadow allows, 0 left'])
    expect((await limiter.credit('a', 2)).credited).toBe(2)
    expect(await shadowLeft()).toBe(1)
    expect(await limiter.reset('a')).toEqual(['p'])
    const held = await limiter.reserve('a', { cost: 2 })
    expect(await shadowLeft()).toBe(0)
    await held.settle(1)
    expect(await shadowLeft()).toBe(1)
    const other = await limiter.reserve('a')
    await other.cancel()
    expect(await shadowLeft()).toBe(1)
  })

  it('decides for the keys of its rollout, where the live rule counts; the spends of both are kept', async () => {
    const limiter = limiterOf(policy)
    await limiter.consume('a')
    limiter.policies.set({ ...policy, shadow: { rules: { '1m': { limit: '2/min' } }, rollout: '100%' } })
    const second = await limiter.consume('a')
    expect(second).toMatchObject({ allowed: true, rule: '1m~shadow', remaining: 0 })
    expect(counted(second)).toEqual(['p 1m allows, 3 left'])
    const denied = await limiter.consume('a')
    expect(denied).toMatchObject({ allowed: false, reason: 'limited', rule: '1m~shadow' })
    limiter.policies.set(policy)
    expect(await limiter.consume('a')).toMatchObject({ allowed: true, rule: '1m', remaining: 2 })
  })

  it('is beside no rule whose numbers an override or the call brought', async () => {
    const overrides = [{ match: { key: 'vip' }, rules: { '1m': { limit: '50/min' } } }]
    const limiter = limiterOf({ ...policy, overrides })
    expect((await limiter.consume('vip')).shadow).toEqual([])
    expect((await limiter.consume('a', { limit: '9/min' })).shadow).toEqual([])
    expect((await limiter.consume('a')).shadow).toHaveLength(1)
  })

  it('may have a limit of 0, and then would deny everything', async () => {
    const limiter = limiterOf({ ...policy, shadow: { rules: { '1m': { limit: '0/min' } } } })
    const decision = await limiter.consume('a')
    expect(decision.allowed).toBe(true)
    expect(decision.shadow).toMatchObject([
      { rule: '1m~shadow', allowed: false, limit: 0, retryAfterMs: null },
    ])
  })
})

describe('a policy in shadow', () => {
  const inShadow: PolicyOptions = { name: 's', rules: ['2/min'], mode: 'shadow' }

  it('denies nothing, and keeps its spends when it is switched to enforce', async () => {
    const limiter = limiterOf(inShadow)
    const decision = await limiter.consume('a', { cost: 2 })
    expect(decision).toMatchObject({
      allowed: true,
      reason: 'unmatched',
      source: 'store',
      policy: null,
      rules: [],
    })
    expect(decision.receipt).not.toBeNull()
    const over = await limiter.consume('a')
    expect([over.allowed, over.receipt, counted(over)]).toEqual([true, null, ['s 1m denies, 0 left']])
    limiter.policies.set({ ...inShadow, mode: 'enforce' })
    expect(await limiter.consume('a')).toMatchObject({ allowed: false, policy: 's' })
  })

  it('gives its spend back by a receipt', async () => {
    const limiter = limiterOf(inShadow)
    const { receipt } = await limiter.consume('a', { cost: 2 })
    expect(await limiter.refund(receipt as NonNullable<typeof receipt>)).toBe(2)
    expect(counted(await limiter.consume('a'))).toEqual(['s 1m allows, 1 left'])
  })

  it('counts nothing of a request that another policy denies', async () => {
    const limiter = limiterOf(inShadow, { name: 'live', rules: ['1/min'] })
    await limiter.consume('a')
    const denied = await limiter.consume('a')
    expect(denied).toMatchObject({ allowed: false, policy: 'live' })
    expect(counted(denied)).toEqual(['s 1m allows, 1 left'])
  })

  it('never refuses for want of its key', async () => {
    const limiter = limiterOf({ ...inShadow, key: 'user', missing: 'refuse' }, { name: 'live', rules })
    expect(await limiter.consume({ key: 'a' })).toMatchObject({ allowed: true, policy: 'live', shadow: [] })
  })

  it('that would deny everything says so', async () => {
    const limiter = limiterOf({ ...inShadow, rules: ['0/min', '9/h'] })
    const decision = await limiter.consume('a')
    expect([decision.allowed, counted(decision)]).toEqual([true, ['s 1m denies, 0 left']])
  })

  it('leaves a limit of the call to the policy that enforces, and takes it where it is alone', async () => {
    const beside = limiterOf(inShadow, { name: 'live', rules })
    const { limit, shadow } = await beside.consume('a', { limit: '9/min' })
    expect([limit, shadow[0]?.limit]).toEqual([9, 2])
    expect((await limiterOf(inShadow).consume('a', { limit: '9/min' })).shadow[0]?.limit).toBe(9)
  })

  it('has no say in a joint decision', async () => {
    const limiter = limiterOf(inShadow, { name: 'live', match: { kind: 'x' }, rules: ['1/min'] })
    const who = { key: 'a', kind: 'x' }
    const both = await limiter.decide([
      { who, cost: 1 },
      { who: { key: 'a' }, cost: 3 },
    ])
    expect(both.allowed).toBe(true)
    expect(both.decisions.map(counted)).toEqual([['s 1m denies, 2 left'], ['s 1m denies, 2 left']])
    const denied = await limiter.decide([{ who }, { who: { key: 'a' } }])
    expect(denied.allowed).toBe(false)
    expect(denied.decisions.map(counted)).toEqual([['s 1m allows, 2 left'], ['s 1m allows, 2 left']])
  })

  it('is waited for by nobody', async () => {
    const limiter = limiterOf(inShadow)
    await limiter.consume('a', { cost: 2 })
    expect((await limiter.wait('a', { timeout: '1s' })).allowed).toBe(true)
  })
})

describe('a rollout', () => {
  const share = (percent: string): number => parseShare(percent, 'rollout')
  const keys = Array.from({ length: 20_000 }, (_, i) => `user-${i}`)

  it('is exact at 0% and 100%, close to its share between, and grows', () => {
    const inside = (percent: string): string[] => keys.filter((key) => isInShare(share(percent), 'p', key))
    expect([inside('0%').length, inside('100%').length]).toEqual([0, keys.length])
    const steps = ['0.5%', '1%', '10%', '20%', '50%', '90%'].map(inside)
    for (const [i, percent] of [0.5, 1, 10, 20, 50, 90].entries()) {
      const expected = (keys.length * percent) / 100
      expect(Math.abs((steps[i] as string[]).length - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
    for (const [i, step] of steps.slice(1).entries()) {
      expect((steps[i] as string[]).every((key) => step.includes(key))).toBe(true)
    }
  })

  it('is another one for each policy', () => {
    const of = (policy: string): string[] => keys.filter((key) => isInShare(share('50%'), policy, key))
    const both = of('p').filter((key) => isInShare(share('50%'), 'q', key))
    expect(both.length / keys.length).toBeGreaterThan(0.22)
    expect(both.length / keys.length).toBeLessThan(0.28)
  })

  it('enforces for the keys inside, and counts the others', async () => {
    const limiter = limiterOf({ name: 'p', rules: ['1/min'], rollout: '30%' })
    for (const key of keys.slice(0, 200)) {
      await limiter.consume(key)
      const again = await limiter.consume(key)
      const isIn = isInShare(share('30%'), 'p', key)
      expect([key, again.allowed, again.shadow.length]).toEqual([key, !isIn, isIn ? 0 : 1])
    }
  })

  const who = { user: 'a', ip: '192.0.2.1' }
  const keyed = (more: Partial<PolicyOptions>): PolicyOptions => ({ name: 'p', key: 'user', rules, ...more })

  it.each(['0.01%', '99%'])(
    'of %s refuses whoever leaves the key out, as one of 100 %% does',
    async (rollout) => {
      const refusing = limiterOf(keyed({ missing: 'refuse', rollout }))
      const byAddress = limiterOf(keyed({ rollout }))
      for (const call of [refusing.consume({ ip: who.ip }), refusing.consume({}), byAddress.consume({})]) {
        await expect(call).rejects.toMatchObject({ code: 'invalid-key' })
      }
      await expect(refusing.reset({}, { policy: 'p' })).rejects.toMatchObject({ code: 'invalid-key' })
      const skipping = limiterOf(keyed({ missing: 'skip', rollout }))
      expect(await skipping.consume({ ip: who.ip })).toMatchObject({ reason: 'unmatched', shadow: [] })
    },
  )

  it('of 0 %, or in shadow, refuses nobody', async () => {
    for (const more of [{ rollout: '0%' }, { rollout: '99%', mode: 'shadow' }] as const) {
      const limiter = limiterOf(keyed({ missing: 'refuse', ...more }))
      expect(await limiter.consume({})).toMatchObject({ allowed: true, reason: 'unmatched' })
    }
  })

  it('has the address that stands for the key inside or outside like any other key', async () => {
    const limiter = limiterOf(keyed({ rollout: '50%' }))
    for (let i = 0; i < 40; i++) {
      const ip = `192.0.2.${i}`
      const isIn = isInShare(share('50%'), 'p', fallbackKey(ip))
      const { policy, shadow } = await limiter.consume({ ip })
      expect([ip, policy, shadow.length]).toEqual([ip, isIn ? 'p' : null, isIn ? 0 : 1])
    }
  })

  it.each(['10', 10, '101%', '-1%', '1e1%', '10 %', 'ten%', null])('refuses %s', (rollout) => {
    const policy = { name: 'p', rules, rollout: rollout as string }
    expect(() => limiterOf(policy)).toThrow(/rollout.*is not a share of keys; use a percentage/s)
  })
})

describe('of a group', () => {
  const tier = (name: string, priority: number, more: Partial<PolicyOptions> = {}): PolicyOptions => {
    return { name, rules, choose: { group: 'tier', priority }, ...more }
  }
  const low = tier('low', 1)

  it.each<[string, PolicyOptions, string[]]>([
    ['in shadow', tier('high', 2, { mode: 'shadow' }), ['high']],
    ['off', tier('high', 2, { mode: 'off' }), []],
    ['outside its rollout', tier('high', 2, { rollout: '0%' }), ['high']],
    ['without identity', tier('high', 2, { key: 'user', missing: 'skip' }), []],
    ['without identity that would be refused', tier('high', 2, { key: 'user', missing: 'refuse' }), []],
    [
      'without identity in a rollout',
      tier('high', 2, { key: 'user', missing: 'refuse', rollout: '50%' }),
      [],
    ],
  ])('the next policy decides where the highest is %s', async (_, high, shadows) => {
    const { policy, shadow } = await limiterOf(high, low).consume({ key: 'a' })
    expect([policy, shadow.map((view) => view.policy)]).toEqual(['low', shadows])
  })

  it('only the one in shadow that would have been chosen is counted', async () => {
    const limiter = limiterOf(
      tier('higher', 3, { mode: 'shadow' }),
      tier('high', 2, { mode: 'shadow' }),
      low,
      tier('lowest', 0, { mode: 'shadow' }),
    )
    expect((await limiter.consume('a')).shadow.map(({ policy }) => policy)).toEqual(['higher'])
  })

  it('a policy without identity refuses where no other can decide', async () => {
    for (const rollout of ['100%', '1%']) {
      const limiter = limiterOf(tier('high', 2, { key: 'user', missing: 'refuse', rollout }))
      await expect(limiter.consume({ key: 'a' })).rejects.toThrow(/high needs the attribute "user"/)
    }
  })
})

describe('a limiter of one limit', () => {
  it('has a shadow of one limit', async () => {
    const limiter = createLimiter({ limit: '3/min', shadow: { limit: '1/min', rollout: '0%' } })
    await limiter.consume('a')
    expect(counted(await limiter.consume('a'))).toEqual(['default 1m~shadow denies, 0 left'])
    expect(() => createLimiter({ limit: '3/min', shadow: {} as never })).toThrow(/a shadow needs a limit/)
  })

  it('pairs several by their windows', async () => {
    const limiter = createLimiter({ limit: ['3/s', '9/min'], shadow: { limit: '4/min' } })
    expect(counted(await limiter.consume('a'))).toEqual(['default 1m~shadow allows, 3 left'])
    expect(() => createLimiter({ limit: ['3/s', '9/min'], shadow: { limit: '1/h' } })).toThrow(
      /options.shadow.limit.*"1\/h" is beside no limit of the same window; give one of 1s, 1m/s,
    )
  })

  it('may overdraw: a call passes while a unit is left', async () => {
    const limiter = createLimiter({ limit: '3/min', overdraw: true })
    expect(await limiter.consume('a', { cost: 40 })).toMatchObject({ allowed: true, remaining: 0, cost: 40 })
    expect(await limiter.consume('a', { cost: 0 })).toMatchObject({ allowed: false })
    expect((await limiter.wait('a', { cost: 40, timeout: '1ms' })).reason).toBe('limited')
  })

  it.each([
    ['bucket pays back all of its debt', { burst: 100 }, 9 * 60_000 + 600],
    ["sliding window's debt ends with it", {}, 60_000],
    ["sliding log's debt ends with it", { algorithm: 'sliding-log' }, 60_000],
    ["fixed window's debt ends with it", { algorithm: 'fixed-window' }, 60_000],
  ] as const)('that overdraws: a %s', async (_, rule, closedMs) => {
    const clock = manualClock()
    const limiter = createLimiter({
      limit: '100/min',
      ...rule,
      overdraw: true,
      store: memoryStore({ clock }),
    })
    for (let i = 0; i < 3; i++) {
      const waits = i > 0 && 'burst' in rule ? 10 * 60_000 : closedMs
      expect(await limiter.consume('a', { cost: 1000 })).toMatchObject({ allowed: true })
      clock.advance(waits - 1)
      expect(await limiter.consume('a', { cost: 1000 })).toMatchObject({ allowed: false })
      clock.advance(1)
    }
  })
})

it('explain tells a policy in shadow from one that applies', async () => {
  const limiter = limiterOf({ name: 's', rules, mode: 'shadow' }, { name: 'live', rules })
  const { policies } = await limiter.explain('a')
  expect(policies).toMatchObject([
    { policy: 's', outcome: 'in-shadow', rules: [{ rule: '1m', remaining: 4 }] },
    { policy: 'live', outcome: 'applies', rules: [{ rule: '1m', remaining: 4 }] },
  ])
})
