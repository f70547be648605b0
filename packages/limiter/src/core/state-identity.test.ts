import { describe, expect, it } from 'vitest'
import { stateIdentity } from './state-identity.ts'

describe('stateIdentity', () => {
  it('is written as name, algorithm and window', () => {
    expect(stateIdentity('daily', 'first-hit', '86400000000')).toMatchObject({
      name: 'daily',
      text: 'daily first-hit 86400000000',
    })
  })

  it('has the same number wherever it is made', () => {
    expect(stateIdentity('daily', 'epoch', '1000')).toEqual(stateIdentity('daily', 'epoch', '1000'))
  })

  it('has a number of 53 bits that uses all of them, and no other has it', () => {
    const ids = new Set<number>()
    for (let i = 0; i < 20_000; i++) {
      const { id } = stateIdentity(`rule-${i % 100}`, 'sliding-window', String(Math.floor(i / 100) * 1000))
      expect(Number.isSafeInteger(id) && id >= 0).toBe(true)
      ids.add(id)
    }
    expect(ids.size).toBe(20_000)
    for (let bit = 0; bit < 53; bit++) {
      const set = Array.from(ids).filter((id) => Math.floor(id / 2 ** bit) % 2 === 1).length
      expect(Math.abs(set / ids.size - 0.5)).toBeLessThan(0.03)
    }
  })
})
