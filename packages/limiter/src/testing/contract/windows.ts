import { type Budget, budgetOf } from '../../core/budget.ts'
import type { RuleOptions } from '../../core/rule.ts'
import { CALL_RATES } from '../../core/state-identity.ts'
import { type ContractCase, compileRules, MINUTE, S } from './case.ts'
import { play, type Row } from './case-table.ts'

/** Where the budgets of a case come from: from a configuration with overrides, or with a call. */
interface Origins {
  /** Configured rules, all in force, by the name that rows use. */
  readonly configured?: Readonly<Record<string, RuleOptions>>
  /** Rates that come with a call, with the name of the policy's rule. */
  readonly byCall?: Readonly<Record<string, RuleOptions>>
  /** Rates that come with a call and have no name. */
  readonly unnamed?: Readonly<Record<string, RuleOptions>>
}

function several(name: string, origins: Origins, rows: readonly Row[]): ContractCase {
  return {
    name,
    async run(subject) {
      const policy = subject.unique()
      const { configured = {}, byCall = {}, unnamed = {} } = origins
      const inForce = Object.values(configured).flatMap((rule) => compileRules(rule))
      const budgets = new Map<string, Budget>()
      const add = (
        rules: Readonly<Record<string, RuleOptions>>,
        origin: Parameters<typeof compileRules>[1],
      ) => {
        for (const [by, rule] of Object.entries(rules))
          budgets.set(by, budgetOf(policy, compileRules(rule, origin), { inForce }))
      }
      add(configured, {})
      add(byCall, { byCall: true })
      add(unnamed, { byCall: true, stateName: CALL_RATES })
      await play(subject, budgets, rows)
    },
  }
}

const window = (limit: string): RuleOptions => ({ name: 'r', limit })
const bucket = (limit: string): RuleOptions => ({ name: 'r', algorithm: 'token-bucket', limit })

/** Windows of 10, 20, … seconds, each with a limit of 1. */
function windows(count: number): Record<string, RuleOptions> {
  const entries = Array.from({ length: count }, (_, i) => [`w${i}`, window(`1/${10 * (i + 1)}s`)] as const)
  return Object.fromEntries(entries)
}

const five: readonly Row[] = [0, 1, 2, 3, 4].map((i) => ({ at: i * S, by: `w${i}`, consume: 1, wait: 0 }))

export const windowCases: readonly ContractCase[] = [
  several(
    'an override of another window leaves the base limit alone',
    { configured: { post: window('5/15m'), get: window('10/s') } },
    [
      { at: 0, by: 'get', consume: 10, wait: 0 },
      { at: 0, by: 'post', consume: 4, wait: 0, remaining: 1 },
      { at: 0, by: 'get', consume: 1, wait: S },
      { at: S, by: 'get', consume: 10, wait: 0 },
      { at: S, by: 'post', consume: 1, wait: 0, remaining: 0 },
      { at: 2 * S, by: 'get', consume: 10, wait: 0 },
      { at: 2 * S, by: 'post', consume: 1, wait: 15 * MINUTE - 2 * S },
    ],
  ),
  several(
    'an override of another rate leaves the base bucket alone',
    { configured: { post: bucket('5/15m'), get: bucket('9000/15m') } },
    [
      { at: 0, by: 'get', consume: 30, wait: 0, remaining: 8970 },
      { at: 0, by: 'post', consume: 5, wait: 0, remaining: 0 },
      { at: MINUTE, by: 'get', consume: 9000, wait: 0, remaining: 0 },
      { at: MINUTE, by: 'post', consume: 1, wait: 2 * MINUTE },
    ],
  ),
  several(
    'a rate of a call is never the old one of the rule',
    { configured: { base: bucket('10/s') }, byCall: { call: bucket('1/h') } },
    [
      { at: 0, by: 'call', consume: 1, wait: 0, remaining: 0 },
      { at: 0, by: 'base', consume: 10, wait: 0, remaining: 0 },
      { at: MINUTE, by: 'base', consume: 10, wait: 0 },
      { at: MINUTE, by: 'call', consume: 1, wait: 59 * MINUTE },
    ],
  ),
  several(
    'a rate of a call begins empty beside the rule, which is in force',
    { configured: { base: bucket('10/s') }, byCall: { call: bucket('5/s') } },
    [
      { at: 0, by: 'base', consume: 10, wait: 0 },
      { at: 0, by: 'call', consume: 5, wait: 0, remaining: 0 },
    ],
  ),
  several(
    'the sixth window of a call is one too many until the first has recovered',
    { byCall: windows(7) },
    [
      ...five,
      { at: 5 * S, by: 'w5', consume: 1, wait: -2, remaining: 1, reset: 5 * S },
      { at: 5 * S, by: 'w5', peek: 0, wait: -2, remaining: 1, reset: 5 * S },
      { at: 5 * S, by: 'w6', charge: 3, wait: -2, remaining: 1, reset: 5 * S },
      // Windows that hold state keep deciding.
      { at: 5 * S, by: 'w1', consume: 1, wait: 16 * S },
      { at: 10 * S - 1, by: 'w5', consume: 1, wait: -2, reset: 1 },
      { at: 10 * S, by: 'w5', consume: 1, wait: 0, remaining: 0, reset: MINUTE },
      { at: 10 * S, by: 'w6', consume: 1, wait: -2, reset: 11 * S },
      { at: 10 * S, by: 'w0', consume: 1, wait: -2, reset: 11 * S },
      { at: 10 * S, by: 'w4', credit: 1, gives: 1, remaining: 1, reset: 0 },
      { at: 10 * S, by: 'w6', consume: 1, wait: 0 },
    ],
  ),
  several(
    'windows without a name count together, whatever they show',
    { unnamed: Object.fromEntries(Object.entries(windows(6)).map(([by, { limit }]) => [by, { limit }])) },
    [
      ...five,
      { at: 5 * S, by: 'w5', consume: 1, wait: -2, reset: 5 * S },
      { at: 5 * S, by: 'w5', forget: true, consume: 1, wait: 0 },
    ],
  ),
  several('a configured rule supplants the one spent from longest ago', { configured: windows(6) }, [
    ...five,
    { at: 5 * S, by: 'w0', peek: 1, wait: 5 * S },
    { at: 5 * S, by: 'w5', consume: 1, wait: 0, remaining: 0 },
    { at: 5 * S, by: 'w0', peek: 0, remaining: 1, reset: 0 },
    { at: 5 * S, by: 'w1', consume: 1, wait: 16 * S },
    { at: 5 * S, by: 'w4', consume: 1, wait: 49 * S },
  ]),
  several(
    'a denial of a window too many supplants nothing',
    { configured: windows(5), byCall: { call: window('1/h') } },
    [
      ...five,
      { at: 5 * S, by: 'call', consume: 1, wait: -2, reset: 5 * S },
      { at: 5 * S, by: 'w0', consume: 1, wait: 5 * S },
      { at: 5 * S, by: 'call', credit: 1, gives: 0 },
      { at: 5 * S, by: 'w0', consume: 1, wait: 5 * S },
    ],
  ),
]
