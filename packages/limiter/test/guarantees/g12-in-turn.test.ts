/** Several windows of one name on one key, in turn: overrides, windows computed for each call, versions. */
import { expect, it } from 'vitest'
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { compileRule, type Rule, type RuleOptions } from '../../src/core/rule.ts'
import { boundOf, violation } from '../history/checker.ts'
import { type Bench, onEveryStore } from './stores.ts'

const CALLS = 2000
const WINDOWS_MAX = 5
const DAY_MS = 86_400_000

const windows: readonly RuleOptions[] = ['3/s', '20/10s', '40/min', '30/15m', '90/h'].map((limit) => ({
  limit,
}))
const rates: readonly RuleOptions[] = windows.map((rule) => ({ ...rule, algorithm: 'token-bucket' }))
const mixed: readonly RuleOptions[] = [
  { limit: '3/s' },
  { limit: '20/10s', algorithm: 'fixed-window' },
  { limit: '40/min', algorithm: 'token-bucket' },
  { limit: '30/15m', algorithm: 'sliding-log' },
  { limit: '90/h', algorithm: 'fixed-window', align: 'epoch' },
]

onEveryStore('G12 windows in turn', (stage) => {
  it.each([
    ['windows', windows],
    ['rates of a bucket', rates],
    ['algorithms', mixed],
  ])('five overrides with other %s answer as each would alone', async (_, overrides) => {
    const rules = overrides.map((rule) => compile(rule))
    const bench = stage.bench()
    const shared = rules.map((rule) => budgetOf('shared', [rule], { inForce: rules }))
    const alone = rules.map((rule, i) => budgetOf(`alone-${i}`, [rule], { inForce: rules }))
    for (let i = 0; i < CALLS; i++) {
      bench.clock.advanceUs((i * 7919) % 400_000)
      const turn = i % rules.length
      const cost = 1 + (i % 3)
      const expected = await bench.ask('consume', { budget: alone[turn] as Budget, key: 'key', cost })
      expect(await bench.ask('consume', { budget: shared[turn] as Budget, key: 'key', cost })).toEqual(
        expected,
      )
    }
  })

  it.each([
    ['windows', 'sliding-window'],
    ['rates', 'token-bucket'],
  ])('%s computed for each call admit five, and then what has room again', async (_, algorithm) => {
    const bench = stage.bench()
    const ends: number[] = []
    let denied = 0
    for (let i = 0; i < CALLS; i++) {
      const left = DAY_MS - (Math.floor(bench.clock.now() / 1000) % DAY_MS)
      const rule = compile({ algorithm, limit: { limit: 1, window: left } }, { byCall: true, stateName: '~' })
      const request = { budget: budgetOf('policy', [rule], { inForce: [] }), key: 'key', cost: 1 }
      const { wait, reset } = await bench.ask('consume', request)
      const now = bench.clock.now()
      const open = ends.filter((end) => end > now)
      if (wait === 0) {
        expect(open.length).toBeLessThan(WINDOWS_MAX)
        ends.push(now + reset)
      } else {
        expect({ wait, reset }).toEqual({ wait: -2, reset: Math.min(...open) - now })
        denied++
      }
      // A little more than a day in all, and then some of them have ended.
      bench.clock.advanceUs(60_000_000 + (i % 1000))
    }
    expect(ends.length).toBeGreaterThan(WINDOWS_MAX)
    expect(denied).toBeGreaterThan(CALLS / 2)
  })

  it.each<[string, RuleOptions, RuleOptions]>([
    ['windows', { limit: '20/10s' }, { limit: '40/min' }],
    ['limits', { limit: '20/10s' }, { limit: '10/10s' }],
    ['rates', { limit: '2/s', algorithm: 'token-bucket' }, { limit: '40/min', algorithm: 'token-bucket' }],
    [
      'distant rates',
      { limit: '20/day', algorithm: 'token-bucket' },
      { limit: '5/s', algorithm: 'token-bucket' },
    ],
    ['algorithms', { limit: '20/10s' }, { limit: '20/10s', algorithm: 'token-bucket' }],
  ])(
    'two versions of a configuration with other %s keep their bounds, and their waits are true',
    async (_, ...both) => {
      const bench = stage.bench()
      const budgets = both.map((rule) => budgetOf('policy', [compile(rule)]))
      const histories = budgets.map((): { at: number; cost: number }[] => [])
      for (let i = 0; i < CALLS; i++) {
        bench.clock.advanceUs((i * 7919) % 300_000)
        const turn = i % 2
        const request = { budget: budgets[turn] as Budget, key: 'key', cost: 1 + (i % 3 === 0 ? 1 : 0) }
        const { wait } = await bench.ask('consume', request)
        if (wait === 0) histories[turn]?.push({ at: bench.clock.now(), cost: request.cost })
        else await expectTrue(bench, request, wait)
      }
      for (const [i, budget] of budgets.entries())
        expect(violation(histories[i] ?? [], boundOf(budget.rules[0] as Rule))).toBeNull()
      expect(Math.min(...histories.map((spends) => spends.length))).toBeGreaterThan(0)
    },
  )
})

/** That the call passes after the wait, and not a microsecond earlier. */
async function expectTrue(
  { clock, ask }: Bench,
  request: { budget: Budget; key: string; cost: number },
  wait: number,
): Promise<void> {
  const now = clock.now()
  clock.set(now + wait - 1)
  expect((await ask('peek', request)).wait).toBe(1)
  clock.set(now + wait)
  expect((await ask('peek', request)).wait).toBe(0)
  clock.set(now)
}

function compile(rule: RuleOptions, origin: Parameters<typeof compileRule>[2] = {}): Rule {
  return compileRule({ name: 'rule', ...rule }, 'rule', origin)
}
