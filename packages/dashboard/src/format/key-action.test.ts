import { describe, expect, it } from 'vitest'
import type { PolicyUse } from '../live/admin-answers.ts'
import { blockAction, refusalOf, resetAction, unblockAction } from './key-action.ts'

const use = (policy: string, key: string): PolicyUse => ({
  policy,
  key,
  blockedForMs: null,
  source: 'store',
  rules: [],
})
const alice = {
  name: 'alice',
  reach: { attributes: { user: 'alice' } },
  policies: [use('api', 'alice'), use('all', '~g'), use('search', 'alice')],
}

describe('what is asked before something is done to a key', () => {
  it('names the policies that the call reaches, and no budget of everybody', () => {
    expect(resetAction(alice).consequence).toContain('What was spent in api, search is forgotten')
    expect(unblockAction({ ...alice, reach: { policy: 'all' } }).consequence).toContain('end in all;')
    expect(resetAction({ ...alice, policies: [use('all', '~g')] }).consequence).toContain('in no policy')
  })

  it('is nothing where the token is for looks alone, which is said', () => {
    expect(refusalOf({ token: { name: 'screen', scopes: ['read'] } })).toContain('“screen” only looks')
    expect(refusalOf({ token: { name: 'ops', scopes: ['admin', 'read'] } })).toBeNull()
    expect(refusalOf({ token: null })).toBeNull()
  })

  it('says for how long a block holds, which the call says too', () => {
    const { question, body, path } = blockAction(alice, '10m')
    expect([question, path]).toEqual(['Block alice for 10m?', 'v1/block'])
    expect(body).toEqual({ attributes: { user: 'alice' }, duration: '10m' })
  })
})
