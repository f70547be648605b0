import { describe, expect, it } from 'vitest'
import type { Denial, Snapshot } from './admin-answers.ts'
import {
  afterEvent,
  DENIALS_MAX,
  NOTHING_KNOWN,
  type PageState,
  withDenials,
  withPolicies,
} from './page-state.ts'

const snapshot = (at: number, allowed: number, since = 0): Snapshot =>
  ({ at, since, allowed, denied: 0, shadowDenied: 0, policies: [] }) as unknown as Snapshot
const denial = (id: string): Denial => ({ id }) as Denial
const told = (state: PageState, name: string, data: unknown): PageState => afterEvent(state, { name, data })

describe('what the page knows', () => {
  it('has a second for every two snapshots', () => {
    const state = [snapshot(1000, 5), snapshot(2000, 9)].reduce(
      (now, one) => told(now, 'snapshot', one),
      NOTHING_KNOWN,
    )
    expect(state.seconds).toEqual([{ at: 2000, allowed: 4, denied: 0, shadowDenied: 0 }])
    expect(state.snapshot?.allowed).toBe(9)
  })

  it('has so many denials at most, newest first, each once', () => {
    const many = Array.from({ length: 2 * DENIALS_MAX }, (_, i) => denial(String(i)))
    const state = many.reduce((now, one) => told(now, 'denial', one), NOTHING_KNOWN)
    expect(state.denials).toHaveLength(DENIALS_MAX)
    expect(state.denials[0]?.id).toBe('599')
    expect(withDenials(state, [denial('599')]).denials.filter(({ id }) => id === '599')).toHaveLength(1)
  })

  it('has a rejected configuration until another one is in force', () => {
    const rejected = { file: null, path: 'policies[0]', line: 3, message: 'wrong', more: 0 }
    const policies = [{ name: 'api', rules: ['5/min'] }]
    const state = withPolicies(NOTHING_KNOWN, {
      hash: 'a',
      policies,
      rejected,
      runtime: { shadow: true, policies: [] },
    })
    expect(state).toMatchObject({ rejected, allInShadow: true })
    expect(state.policies.get('api')?.rules).toEqual(['5/min'])
    expect(told(state, 'configuration', {}).rejected).toBeNull()
  })

  it('keeps what people did, and is not changed by what it does not know', () => {
    const state = told(NOTHING_KNOWN, 'change', { at: 5, action: 'reset' })
    expect(state.happenings).toEqual([{ at: 5, event: 'change', data: { at: 5, action: 'reset' } }])
    expect(told(state, 'something-new', {})).toBe(state)
  })
})
