import { describe, expect, it } from 'vitest'
import { worstCases } from './worst-case.ts'

describe('worstCases', () => {
  it('says it for every algorithm', () => {
    const rules = [
      '60/min',
      { name: 'l', algorithm: 'sliding-log', limit: '5/s' },
      { name: 's', limit: '8/s', segments: 2 },
    ]
    const shut = { name: 'shut', key: 'global', rules: ['0/s', '1/min'], mode: 'off' } as const
    expect(worstCases([{ name: 'a', key: ['ip', 'user'], rules }, shut])).toEqual([
      'a/1m: at most 60 in any 54 s, and up to 119 in 60 s',
      'a/l: at most 5 in any 1 s',
      'a/s: at most 8 in any 0.5 s, and up to 15 in 1 s',
      'shut (off): denies everything',
    ])
  })

  it('says of the default rule how much passes in its window, and in a little less', () => {
    expect(worstCases([{ name: 'a', rules: ['100/min'] }])).toEqual([
      'a/1m: at most 100 in any 54 s, and up to 199 in 60 s',
    ])
  })

  it('says what overdraw adds to it', () => {
    const rules = [
      '100/min',
      { name: 'l', algorithm: 'sliding-log', limit: '5/s' },
      { name: 'f', algorithm: 'fixed-window', limit: '9/s' },
      { name: 'b', limit: '10/s', burst: 20 },
      { name: 'none', limit: '0/s' },
    ]
    const shadow = { rules: { l: { limit: '4/s' } } }
    const beyond = 'plus what one call spends beyond'
    const policy = { name: 'a', rules: rules.slice(0, 4), lease: { max: 5 }, overdraw: true, shadow }
    expect(worstCases([policy])).toEqual([
      `a/1m: at most 100 in any 54 s, ${beyond}; its debt ends with the window`,
      `a/l: at most 5 in any 1 s, ${beyond}; its debt ends with the window`,
      `a/f: at most 9 per window of 1 s, ${beyond}; its debt ends with the window`,
      `a/b: at most 20 at one instant, and 10 more each 1 s, ${beyond}, which the bucket pays back before the next`,
      `a/l~shadow (in shadow: counts, denies nothing): at most 4 in any 1 s, ${beyond}; its debt ends with the window`,
    ])
    expect(worstCases([{ name: 'a', rules, overdraw: true }])).toEqual(['a: denies everything'])
  })

  it('says what leases add to it', () => {
    const rules = [
      '60/min',
      { name: 'l', algorithm: 'sliding-log', limit: '5/s' },
      { name: 's', limit: '8/s', segments: 2 },
      { name: 'b', limit: '10/s', burst: 20 },
      { name: 'f', algorithm: 'fixed-window', limit: '9/s' },
      { name: 'none', limit: '0/s' },
    ]
    const of = (max: number, lifetime?: string) => ({ max, ...(lifetime && { lifetime }) })
    const open = rules.slice(0, 5)
    expect(worstCases([{ name: 'a', rules: open, lease: of(5) }])).toEqual([
      'a/1m: at most 60 in any 53.8 s, with leases of 0.2 s',
      'a/l: at most 5 in any 0.8 s, with leases of 0.2 s',
      'a/s: at most 8 in any 0.3 s, with leases of 0.2 s',
      'a/b: at most 22 at one instant, and 10 more each 1 s, with leases of 0.2 s',
      'a/f: at most 9 per window of 1 s, so at most 18 around an edge, with leases of 0.2 s',
    ])
    expect(worstCases([{ name: 'a', rules: open.slice(1, 3), lease: of(5, '1s') }])).toEqual([
      'a/l: at most 10 in any 1 s, with leases of 1 s',
      'a/s: at most 24 in any 0.5 s, with leases of 1 s',
    ])
    expect(worstCases([{ name: 'a', rules, lease: of(5) }])).toEqual(['a: denies everything'])
  })
})
