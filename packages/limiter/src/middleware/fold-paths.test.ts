import { describe, expect, it } from 'vitest'
import { createLimiter } from '../create-limiter.ts'
import { refuseUpperCase, withFoldedPaths } from './fold-paths.ts'

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

  it.each([
    { match: { path: '/Login' } },
    { match: { path: ['/a', '/B/**'] } },
    { overrides: [{ match: { path: '/X' }, rules: {} }] },
  ])('have to be in lower case in a limiter that exists: %j', (policy) => {
    const limiter = createLimiter({ policies: [{ name: 'p', rules: ['1/s'], ...policy }] })
    expect(() => refuseUpperCase(limiter.policies.list())).toThrow('write it in lower case')
  })

  it('may have any case elsewhere in a limiter that exists', () => {
    const match = { path: '/login', user: 'Bob' }
    const limiter = createLimiter({ policies: [{ name: 'P', match, rules: ['1/s'] }] })
    expect(() => refuseUpperCase(limiter.policies.list())).not.toThrow()
  })

  it.each([{ policies: [null] }, { policies: [{ name: 'p', match: 7 }] }, { deny: 7 }, { policies: 'all' }])(
    'leave what is wrong to who compiles it: %j',
    (options) => {
      expect(withFoldedPaths(options as never)).toEqual(options)
    },
  )
})
