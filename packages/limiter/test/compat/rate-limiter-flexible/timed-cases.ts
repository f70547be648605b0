/** What takes time, in memory: both packages run on the fake timers of the test. */
import { expect, vi } from 'vitest'
import type { Case } from './case.ts'

export const timedCases: readonly Case[] = [
  {
    name: 'all points come back when the duration is over, counted from the first of them',
    async run({ create }) {
      const limiter = create({ points: 2, duration: 10 })
      await limiter.consume('a')
      await vi.advanceTimersByTimeAsync(6000)
      expect(await limiter.consume('a')).toMatchObject({ msBeforeNext: 4000, remainingPoints: 0 })
      await vi.advanceTimersByTimeAsync(3999)
      await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
      await vi.advanceTimersByTimeAsync(1)
      expect(await limiter.get('a')).toBeNull()
      const res = await limiter.consume('a')
      expect(res).toMatchObject({ consumedPoints: 1, isFirstInDuration: true, msBeforeNext: 10_000 })
    },
  },
  {
    name: 'a duration may be longer than a timer of Node',
    async run({ create, differing }) {
      const limiter = create({ points: 1, duration: 30 * 86_400 })
      await limiter.consume('a')
      await vi.advanceTimersByTimeAsync(1000)
      const isBack = 'whether a point of a duration of 30 days is back after a second'
      expect((await limiter.get('a')) === null).toBe(differing(isBack))
    },
  },
  {
    name: 'a block ends after its seconds, and its key begins anew',
    async run({ create }) {
      const limiter = create({ points: 2, duration: 1 })
      await limiter.consume('a', 2)
      await limiter.block('a', 10)
      await vi.advanceTimersByTimeAsync(9999)
      await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
      await vi.advanceTimersByTimeAsync(1)
      expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 1 })
    },
  },
  {
    name: 'blockDuration ends too, and rejected calls meanwhile do not prolong it',
    async run({ create }) {
      const limiter = create({ points: 1, duration: 1, blockDuration: 10 })
      await limiter.consume('a')
      await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
      await vi.advanceTimersByTimeAsync(9999)
      await expect(limiter.consume('a')).rejects.toMatchObject({ remainingPoints: 0 })
      await vi.advanceTimersByTimeAsync(1)
      expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 1 })
    },
  },
  {
    name: 'execEvenly delays all but the first call',
    async run({ create }) {
      const limiter = create({ points: 5, duration: 10, execEvenly: true, execEvenlyMinDelayMs: 20 })
      const seen: number[] = []
      const begun = Date.now()
      for (let i = 0; i < 3; i++) {
        void limiter.consume('a').then(({ msBeforeNext }) => seen.push(Date.now() - begun, msBeforeNext))
      }
      await vi.advanceTimersByTimeAsync(10_000)
      expect(seen).toEqual([0, 10_000, 2000, 8000, 2500, 7500])
    },
  },
  {
    name: 'execEvenlyMinDelayMs is how long a delay lasts for each point that is consumed',
    async run({ create }) {
      const limiter = create({ points: 100, duration: 1, execEvenly: true, execEvenlyMinDelayMs: 50 })
      await limiter.consume('a', 3)
      let isAnswered = false
      void limiter.consume('a').then(() => {
        isAnswered = true
      })
      await vi.advanceTimersByTimeAsync(199)
      expect(isAnswered).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(isAnswered).toBe(true)
    },
  },
]
