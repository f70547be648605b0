import type { KeyView } from 'headgate'
import { manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { ReturnedKeys } from './returned-keys.ts'

function bench() {
  const clock = manualClock()
  const told: string[][] = []
  const tell = (keys: readonly KeyView[]): void => void told.push(keys.map(({ key }) => key))
  const returned = new ReturnedKeys({ clock, tell })
  const add = (...keys: string[]): void => returned.add(keys.map((key) => ({ policy: 'api', key })))
  return { clock, told, add }
}

describe('keys under which units were given back', () => {
  it('are told at once, and those that come soon after together, each once', () => {
    const { clock, told, add } = bench()
    add('alice')
    expect(told).toEqual([['alice']])
    for (let i = 0; i < 100; i++) add('bob', 'carol')
    expect(told).toHaveLength(1)
    clock.advance(10)
    expect(told).toEqual([['alice'], ['bob', 'carol']])
    add('alice')
    expect(told).toHaveLength(2)
    clock.advance(10)
    expect(told.at(-1)).toEqual(['alice'])
  })

  it('leave no timer behind, and are told at once again after a while', () => {
    const { clock, told, add } = bench()
    add('alice')
    clock.advance(10)
    expect(clock.pending).toBe(0)
    add('bob')
    expect(told).toEqual([['alice'], ['bob']])
  })

  it('are bounded in number', () => {
    const { clock, told, add } = bench()
    add('alice')
    add(...Array.from({ length: 1500 }, (_, i) => `user-${i}`))
    clock.advance(10)
    expect(told.at(-1)).toHaveLength(1000)
  })

  it('may be none', () => {
    const { clock, told, add } = bench()
    add()
    expect([told, clock.pending]).toEqual([[], 0])
  })
})
