import { describe, expect, it } from 'vitest'
import { type Decision, retryAfterSeconds } from './decision.ts'

const denied = (retryAfterMs: number | null, ...rules: (number | null)[]): Decision =>
  ({
    allowed: false,
    retryAfterMs,
    rules: rules.map((wait) => ({ retryAfterMs: wait })),
  }) as unknown as Decision

describe('retryAfterSeconds', () => {
  it.each<[string, Decision, number | null]>([
    ['0 when allowed', { allowed: true, retryAfterMs: 0, rules: [] } as unknown as Decision, 0],
    ['a second for less', denied(2, 1), 1],
    ['the exact wait, not what timers need', denied(1001, 1000), 1],
    ['the next second for a millisecond more', denied(1002, 1001), 2],
    ['the longest wait of all rules', denied(3001, 0, 3000, 200), 3],
    ['what the decision says where no rule was judged', denied(1000), 1],
    ['null where no wait helps', denied(null, null, 200), null],
    ['null where a limit of 0 denies', denied(null), null],
  ])('is %s', (_, decision, seconds) => {
    expect(retryAfterSeconds(decision)).toBe(seconds)
  })

  it.each([[null], [undefined], [5], ['denied'], [{}], [Promise.resolve()]])(
    'refuses %s, which is no decision',
    (value) => {
      expect(() => retryAfterSeconds(value as never)).toThrow(
        expect.objectContaining({
          code: 'invalid-options',
          message: expect.stringContaining('is not a decision'),
        }),
      )
    },
  )
})
