import { describe, expect, it } from 'vitest'
import { formatPath } from './config-error.ts'
import { findPath } from './library-mistake.ts'

const checked = {
  policies: [
    {
      rules: ['1/s', { limit: '5/s' }],
      overrides: [{ rules: { a: {}, 'a.b': { limit: 'x' }, 'c[0]': {} } }],
    },
  ],
}

describe('findPath', () => {
  it.each([
    [[]],
    [['policies', 0]],
    [['policies', 0, 'rules', 1, 'limit']],
    [['policies', 0, 'rules', 0, 'limit']],
    [['policies', 0, 'overrides', 0, 'rules', 'a.b', 'limit']],
    [['policies', 0, 'overrides', 0, 'rules', 'a', 'burst']],
    [['policies', 0, 'overrides', 0, 'rules', 'c[0]', 'burst']],
    [['policies', 0, 'missing']],
  ])('finds the steps of %j', (path) => {
    expect(findPath(formatPath(path), checked)).toEqual(path)
  })
})
