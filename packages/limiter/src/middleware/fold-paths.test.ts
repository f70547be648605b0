import { describe, expect, it } from 'vitest'
import { createLimiter } from '../create-limiter.ts'
import { withFoldedPaths } from './fold-paths.ts'

describe('paths of a framework that ignores case', () => {
  it('are in lower case in policies, overrides and lists, and nothing else is', () => {
    const match = { path: ['/Admin/**', '/B'], method: 'GET' }
    const policy = {
      name: 'P',
      match,
      overrides: [{ match: { path: '/X', user: 'Y' }, rules: {} }],
      rules: ['1/s'],
    }
    const options = { policies: [policy], allow: { path: '/Free' }, deny: [{ path: '/No', user: 'Bob' }] }
    expect(withFoldedPaths(options)).toEqual({
      policies: [
        {
          ...policy,
          match: { path: ['/admin/**', '/b'], method: 'GET' },
          overrides: [{ match: { path: '/x', user: 'Y' }, rules: {} }],
        },
      ],
      allow: { path: '/free' },
      deny: [{ path: '/no', user: 'Bob' }],
    })
  })

  it('have to be in lower case in a limiter that exists', () => {
    const limiter = (path: string) =>
      createLimiter({ policies: [{ name: 'p', match: { path }, rules: ['1/s'] }] })
    expect(() => withFoldedPaths({ limiter: limiter('/Login') })).toThrow('write it in lower case')
    expect(() => withFoldedPaths({ limiter: limiter('/login') })).not.toThrow()
  })

  it.each([{ policies: [null] }, { policies: [{ name: 'p', match: 7 }] }, { deny: 7 }, { policies: 'all' }])(
    'leave what is wrong to who compiles it: %j',
    (options) => {
      expect(withFoldedPaths(options as never)).toEqual(options)
    },
  )
})
