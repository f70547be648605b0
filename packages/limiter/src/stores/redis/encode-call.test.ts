import { describe, expect, it } from 'vitest'
import { type Budget, budgetOf } from '../../core/budget.ts'
import { compileRule } from '../../core/rule.ts'
import { encode } from './encode-call.ts'
import type { PendingDecision } from './pending-decision.ts'
import { singleKeys } from './redis-key.ts'
import { routeOf } from './route.ts'

const context = { keys: singleKeys('p'), now: 1.8e15, incarnation: 2 }
const five = budgetOf('api', [compileRule('5/s', 'rule')])
const nine = budgetOf('api', [compileRule('9/h', 'rule')])

function decision(
  verb: PendingDecision['verb'],
  ...asked: readonly (readonly [Budget, string, number?])[]
): PendingDecision {
  const requests = asked.map(([budget, key, cost = 1]) => ({ budget, key, cost }))
  const refund = { budget: five, key: asked[0]?.[1] ?? '', cost: 1, id: 'x1', rules: [undefined] }
  return { verb, requests, route: routeOf(requests), time: null, ...(verb === 'refund' && { refund }) }
}

/** Keys as identities, and which decision is answered when. */
function encoded(decisions: readonly PendingDecision[]): { keys: string[]; order: number[] } {
  const { keys, order } = encode(decisions, context)
  return {
    keys: keys.map((key) => key.replace(/^p:\{api:(.*)\}/, '$1')),
    order: order.map((one) => decisions.indexOf(one)),
  }
}

describe('decisions of one call', () => {
  it('name each key once, and are answered key by key', () => {
    const decisions = ['a', 'b', 'a', 'c', 'b'].map((key, i) => decision('consume', [five, key, i]))
    expect(encoded(decisions)).toEqual({ keys: ['a', 'b', 'c'], order: [0, 2, 1, 4, 3] })
  })

  it('keep their order on a key, whatever rules they are judged by', () => {
    const decisions = [five, nine, five].map((budget) => decision('consume', [budget, 'a']))
    expect(encoded(decisions)).toEqual({ keys: ['a', 'a', 'a'], order: [0, 1, 2] })
  })

  it('are put together by their rules where no key forbids it', () => {
    const decisions = (
      [
        [five, 'a'],
        [nine, 'b'],
        [five, 'c'],
        [nine, 'd'],
        [five, 'a'],
      ] as const
    ).map((asked) => decision('consume', asked))
    expect(encoded(decisions)).toEqual({ keys: ['a', 'c', 'b', 'd'], order: [0, 4, 2, 1, 3] })
  })

  it('keep their order on a key that is asked for with another one', () => {
    const decisions = [
      decision('consume', [five, 'a'], [nine, 'b']),
      decision('consume', [five, 'b'], [nine, 'a']),
      decision('consume', [five, 'a'], [nine, 'c']),
    ]
    expect(encoded(decisions)).toEqual({ keys: ['a', 'b', 'b', 'a', 'a', 'c'], order: [0, 1, 2] })
  })

  it('say nothing but keys and rules where each key is asked for one unit', () => {
    const [plain, costly] = [1, 2].map((cost) => {
      const decisions = ['a', 'b'].map((key) => decision('consume', [five, key, cost]))
      return encode(decisions, context).args.length
    })
    expect(costly).toBe((plain as number) + 1)
  })

  it('have the keys that record refunds behind all others', () => {
    const decisions = [decision('refund', [five, 'a']), decision('consume', [five, 'b'])]
    expect(encoded(decisions).keys).toEqual(['a', 'b', 'a~r:x1'])
  })
})
