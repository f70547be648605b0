import { describe, expect, it } from 'vitest'
import { badRequest } from './describe-failure.ts'
import { withoutStack } from './without-stack.ts'

describe('an error of a caller', () => {
  it('has no stack trace, and those of others have', () => {
    expect(badRequest('the key is empty', 'key').stack).not.toMatch(/\n\s+at /)
    expect(new Error('of ours').stack).toMatch(/\n\s+at /)
  })

  it('leaves stack traces as they were, also where it cannot be made', () => {
    const failing = (): Error => {
      throw new RangeError('no')
    }
    expect(() => withoutStack(failing)).toThrow(RangeError)
    expect(new Error('of ours').stack).toMatch(/\n\s+at /)
  })
})
