import { describe, expect, it } from 'vitest'
import { defineAlgorithm, unknownCustom } from './custom.ts'
import { registered } from './custom-by-name.ts'

const one = defineAlgorithm({ name: 'one', words: 1, lua: 'function() end' })
const two = defineAlgorithm({ name: 'two', words: 2, lua: 'function() end' })

describe('registered', () => {
  it('files algorithms under their names', () => {
    expect(Array.from(registered([one, two], 'algorithms'))).toEqual([
      ['one', one],
      ['two', two],
    ])
    expect(registered(undefined, 'algorithms').size).toBe(0)
  })

  it.each([[5], [null], ['one'], [{}], [one]])('refuses %j, which is no list', (value) => {
    expect(() => registered(value as never, 'algorithms')).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        path: 'algorithms',
        message: expect.stringContaining('is not a list of algorithms'),
      }),
    )
  })

  it.each([[null], [undefined], ['one'], [{}], [{ name: 'one', words: 1, step: () => {} }]])(
    'refuses %j, which defineAlgorithm did not make',
    (value) => {
      expect(() => registered([one, value as never], 'algorithms')).toThrow(
        expect.objectContaining({
          code: 'invalid-options',
          path: 'algorithms',
          message: expect.stringContaining('pass what defineAlgorithm of headgate/custom returns'),
        }),
      )
    },
  )
})

describe('an algorithm that is not here', () => {
  it('tells from a state when it recovers and was spent from', () => {
    const known = defineAlgorithm({
      name: 'one',
      words: 1,
      step: () => ({ state: [1], wait: 0, remaining: 1, reset: 5 }),
    })
    const terms = { numbers: [], capacity: 2, windowUs: 1 }
    const state = new Float64Array(4)
    known.spend(terms, state, 0, 100, 1, 2)
    const unknown = unknownCustom('one', 4)
    expect(unknown.stateSize({})).toBe(known.stateSize(terms))
    expect(unknown.recoversAt({}, state, 0)).toBe(known.recoversAt(terms, state, 0))
    expect(unknown.spentAt(state, 0)).toBe(known.spentAt(state, 0))
    expect(unknown.isFuture({}, state, 0, 0)).toBe(false)
  })
})
