import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chooseTarget } from './choose-target.ts'
import type { Target } from './target.ts'

const target = fc.record({ inFlight: fc.nat(3), health: fc.record({ isHealthy: fc.boolean() }) })

it('chooses the least busy of the healthy ones, another than the one that failed, and one in any case', () => {
  fc.assert(
    fc.property(fc.array(target, { minLength: 1 }), fc.nat(), fc.option(fc.nat()), (list, start, at) => {
      const targets = list as unknown as Target[]
      const failed = at === null ? null : (targets[at % targets.length] as Target)
      const chosen = chooseTarget(targets, start, failed)
      const others = targets.filter((one) => one !== failed)
      const healthy = others.filter(({ health }) => health.isHealthy)
      const fitting = healthy.length > 0 ? healthy : others
      if (fitting.length === 0) expect(chosen).toBe(failed)
      else {
        expect(fitting).toContain(chosen)
        expect(chosen.inFlight).toBe(Math.min(...fitting.map(({ inFlight }) => inFlight)))
      }
    }),
  )
})

it('chooses equal ones in turn', () => {
  const targets = ['a', 'b', 'c'].map((name) => ({ name, inFlight: 0, health: { isHealthy: true } }))
  const chosen = [0, 1, 2, 3].map((start) => chooseTarget(targets as never, start, null))
  expect(chosen).toEqual([...targets, targets[0]])
})
