import { describe, expect, it } from 'vitest'
import { defineAlgorithm } from './custom.ts'
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
