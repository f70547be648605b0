import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
import { getOrAdd } from '../../src/core/get-or-add.ts'
import type { BudgetKey, LeasingStore, Store } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { compare } from './compare.ts'
import { seedOfRun } from './random.ts'

const OPERATIONS = 120_000

type Twist = (algorithm: Algorithm) => Partial<Algorithm>

/** Mistakes somebody could make in the algorithms: each wraps what is right. */
const mutants: readonly (readonly [name: string, twist: Twist])[] = [
  ['a wait a microsecond too short', ({ waitFor }) => ({ waitFor: (...args) => shorter(waitFor(...args)) })],
  ['a state never lies in the future', () => ({ isFuture: () => false })],
  ['a state always lies in the future', () => ({ isFuture: () => true })],
  [
    'time a microsecond late',
    ({ advance }) => ({ advance: (terms, state, o, now) => advance(terms, state, o, now - 1) }),
  ],
  [
    'a state brought forward too little',
    ({ advance }) => ({ advance: (terms, state, o, now) => advance(terms, state, o, now - 1000) }),
  ],
  [
    'a spend of one unit for nothing',
    ({ spend }) => ({
      spend(terms, state, o, now, cost, incarnation) {
        if (cost > 1) spend(terms, state, o, now, cost, incarnation)
      },
    }),
  ],
  [
    'recovered a microsecond early',
    ({ recoversAt }) => ({ recoversAt: (...args) => shorter(recoversAt(...args)) }),
  ],
  ['one unit used too little', ({ used }) => ({ used: (...args) => Math.max(0, used(...args) - 1) })],
  [
    'a refund of what has drained',
    ({ refund }) => ({
      refund: (terms, state, o, now, cost, receipt) =>
        refund(terms, state, o, now, cost, { ...receipt, since: Math.max(now, receipt.since) }),
    }),
  ],
  [
    'a refund of one unit too much',
    ({ refund }) => ({
      refund: (terms, state, o, now, cost, receipt) => refund(terms, state, o, now, cost + 1, receipt),
    }),
  ],
  [
    'a refund of what was given back already',
    ({ refund }) => ({
      refund: (terms, state, o, now, cost, receipt) =>
        refund(terms, state, o, now, cost, { ...receipt, returned: Number.MAX_SAFE_INTEGER }),
    }),
  ],
  ['no refund', () => ({ refund: () => 0 })],
  ['no credit', () => ({ credit: () => 0 })],
  [
    'a credit of one unit too much',
    ({ credit }) => ({ credit: (terms, state, o, now, cost) => credit(terms, state, o, now, cost + 1) }),
  ],
  [
    'records of one incarnation',
    ({ spend }) => ({ spend: (terms, state, o, now, cost) => spend(terms, state, o, now, cost, 2) }),
  ],
  [
    'a rate that came with a call taken for a configured one',
    ({ spend }) => ({
      spend: (terms, state, o, now, cost, drawn) =>
        spend(terms, state, o, now, cost, 2 * Math.ceil(drawn / 2)),
    }),
  ],
  ['a new rate that begins empty', () => ({ carry: () => {} })],
  ['spends of no time', () => ({ spentAt: () => 0 })],
]

describe('a mistake in the algorithms', () => {
  let seed: number
  const table: string[] = []

  beforeAll(() => {
    seed = seedOfRun('mutants of the algorithms', 20_260_102)
  })

  afterAll(() => {
    console.log(`mutants of the algorithms (seed ${seed}):\n${table.join('\n')}`)
  })

  it.each(mutants)(
    'is noticed: %s',
    async (name, twist) => {
      const options = { seed, operations: OPERATIONS, untilDisagreement: true }
      const { operations, disagreement } = await compare(
        { mutant: (clock) => twistedStore(clock, twist) },
        options,
      )
      const killer = disagreement === null ? 'SURVIVED' : `a disagreement in operation ${operations}`
      table.push(`  ${name.padEnd(50)} ${killer}`)
      expect(disagreement).not.toBeNull()
    },
    60_000,
  )
})

function twistedStore(clock: ManualClock, twist: Twist): Store & LeasingStore {
  const store = memoryStore({ clock })
  const twisted = new WeakMap<Budget, Budget>()
  const bent = <T extends BudgetKey>(request: T): T => {
    const budget = getOrAdd(twisted, request.budget, () => ({
      ...request.budget,
      rules: request.budget.rules.map((rule) => ({
        ...rule,
        algorithm: { ...rule.algorithm, ...twist(rule.algorithm) },
      })),
    }))
    return { ...request, budget }
  }
  return {
    decide: (verb, requests) => store.decide(verb, requests.map(bent)),
    acquire: (request, min) => store.acquire(bent(request), min),
    refund: (refunds) => store.refund(refunds.map(bent)),
    reset: (keys) => store.reset(keys.map(bent)),
    block: (keys, lengthUs) => store.block(keys.map(bent), lengthUs),
    close: () => store.close(),
  }
}

function shorter(us: number): number {
  return us > 1 ? us - 1 : us
}
