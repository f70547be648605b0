import { describe, expect, it } from 'vitest'
import { RESET, WAIT } from '../../core/algorithm.ts'
import { budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import { EDGES_NEEDED, FULL } from './compile/reply-marks.ts'
import { decode, numbersOf } from './decode-reply.ts'
import type { PendingDecision } from './pending-decision.ts'
import { routeOf } from './route.ts'

const NOW = 1_800_000_000_000_000
const WINDOW_US = 60_000_000

function decision(verb: PendingDecision['verb'], cost = 1): PendingDecision {
  const budget = budgetOf('api', [compileRule({ algorithm: 'fixed-window', limit: '5/min' }, 'rule')])
  const requests = [{ budget, key: 'k', cost }]
  return { verb, requests, route: routeOf(requests), time: null }
}

/** What a script says of a window of which so much is used; denied where it is below zero. */
const window = (used: number): number[] => [used, NOW + WINDOW_US, 2, 0, 0]

describe('the reply of a script', () => {
  it('holds one answer after another', () => {
    const reply = [NOW, 0, ...window(2), ...window(-1 - 5)]
    const [first, second] = decode([decision('consume'), decision('consume')], reply)
    expect(first).toMatchObject({ now: NOW, source: 'store', numbers: [0, 3, WINDOW_US, 2, 0, 0, 2, 0] })
    expect(second).toMatchObject({ numbers: { [WAIT]: WINDOW_US, 1: 0, [RESET]: WINDOW_US } })
  })

  it('says what a credit and a refund gave back, and what an acquisition took', () => {
    const decisions = [decision('credit', 3), decision('refund'), decision('acquire', 9)]
    const [credit, refund, acquire] = decode(decisions, [NOW, 0, ...window(2), 3, 1, ...window(5), 4])
    expect(credit).toMatchObject({ numbers: { [WAIT]: 3 } })
    expect(refund).toBe(1)
    expect(acquire).toMatchObject({ granted: 4, numbers: { [WAIT]: 0 } })
  })

  it('tells of a denied acquisition the wait for the least of it', () => {
    const [grant] = decode([{ ...decision('acquire', 9), min: 2 }], [NOW, 0, ...window(-1 - 4), 0])
    expect(grant).toMatchObject({ granted: 0, numbers: { [WAIT]: WINDOW_US } })
  })

  it('says where the edges of a calendar have to be sent again', () => {
    const results = decode([decision('consume'), decision('consume')], [NOW, 0, EDGES_NEEDED, ...window(1)])
    expect(results).toMatchObject([null, { numbers: { [WAIT]: 0 } }])
  })

  it('says when there is room for another window of the name', () => {
    const [full] = decode([decision('consume')], [NOW, 0, FULL, NOW + 7, 0, 0, 0])
    expect(full).toMatchObject({ numbers: [-2, 5, 7, 0, 0, 0, 0, 0] })
  })

  it.each([
    ['too short', [NOW, 0, ...window(1)]],
    ['too long', [NOW, 0, ...window(1), ...window(1), 0]],
  ])('is none when it is %s', (_, reply) => {
    const code = 'store-unavailable'
    expect(() => decode([decision('consume'), decision('consume')], reply)).toThrow(
      expect.objectContaining({ code }),
    )
  })

  it.each([null, 'OK', [1, '2'], [1, 0.5], [1, Number.NaN], [2 ** 53], {}])(
    'is none when it is %j',
    (reply) => {
      expect(() => numbersOf(reply)).toThrow(expect.objectContaining({ code: 'store-unavailable' }))
    },
  )
})
