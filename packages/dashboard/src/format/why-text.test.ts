import { describe, expect, it } from 'vitest'
import { type DeniedRule, RULE_SECONDS } from '../live/denied-rules.ts'
import { whyText } from './why-text.ts'

/** Followed for so many seconds. */
const rule = (policy: string, name: string, recentDenied: number, seconds = RULE_SECONDS): DeniedRule =>
  ({
    policy,
    rule: name,
    recentDenied,
    denied: 100,
    perSecond: Array(seconds).fill(0),
  }) as unknown as DeniedRule
const recent = (allowed: number, denied: number, shadowDenied = 0) => ({
  allowed,
  denied,
  shadowDenied,
  spanMs: 300_000,
})

describe('the sentence on top', () => {
  it.each([
    [recent(0, 0), [], 'Nobody asked in the last 5 min.'],
    [recent(1, 0), [], '1 request admitted in the last 5 min, none denied.'],
    [
      recent(90, 10),
      [rule('api', '1m', 1), rule('api', 'burst', 3)],
      '90 requests admitted in the last 5 min, 10 denied (10 %). Most by api/burst in the last minute (75 %).',
    ],
    [
      recent(90, 10, 4),
      [rule('api', '1m', 2)],
      '90 requests admitted in the last 5 min, 10 denied (10 %). All by api/1m in the last minute. Rules in shadow would have denied 4.',
    ],
    [
      recent(0, 10),
      [rule('api', '1m', 0)],
      '0 requests admitted in the last 5 min, 10 denied (100 %). All by api/1m since the start.',
    ],
    [
      recent(0, 10),
      [rule('api', '1m', 3, RULE_SECONDS - 1)],
      '0 requests admitted in the last 5 min, 10 denied (100 %). All by api/1m since the start.',
    ],
  ])('%#', (outcomes, rules, text) => {
    expect(whyText(outcomes, rules)).toBe(text)
  })
})
