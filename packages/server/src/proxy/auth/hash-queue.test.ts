import { describe, expect, it } from 'vitest'
import { HashQueue } from './hash-queue.ts'

describe('HashQueue', () => {
  it('runs two at once, in order, refuses where 64 wait, and goes on where one fails', async () => {
    const queue = new HashQueue()
    const started: number[] = []
    const ends: (() => void)[] = []
    const task = (i: number) => async (): Promise<number> => {
      started.push(i)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (i === 0) throw new Error('cannot be hashed')
      return i
    }
    const all = Array.from({ length: 67 }, (_, i) => queue.run(task(i)))
    expect([started, all[66]]).toEqual([[0, 1], null])
    const taken = all.filter((one) => one !== null)
    expect(taken).toHaveLength(66)
    const settled = Promise.allSettled(taken)
    for (let i = 0; i < 66; i++) {
      expect(started.length).toBe(Math.min(66, i + 2))
      ends[i]?.()
      await taken[i]?.catch(() => {})
      await new Promise(setImmediate)
    }
    const results = await settled
    expect(started).toEqual(Array.from({ length: 66 }, (_, i) => i))
    expect(results.map(({ status }) => status)).toEqual(['rejected', ...Array(65).fill('fulfilled')])
    expect(await queue.run(async () => 'free again')).toBe('free again')
  })
})
