/** What the README and the wiki document of methods and their results. */
import { expect } from 'vitest'
import { type Case, duration, expectWait, forever, outcome, rejection } from './case.ts'

export const methodCases: readonly Case[] = [
  {
    name: 'consume resolves with what is consumed and left',
    async run({ create, RateLimiterRes }) {
      const limiter = create({ points: 5, duration })
      const first = await limiter.consume('a', 2)
      expect(first).toBeInstanceOf(RateLimiterRes)
      expect(first).toMatchObject({ remainingPoints: 3, consumedPoints: 2, isFirstInDuration: true })
      expectWait(first, duration)
      const second = await limiter.consume('a')
      expect(second).toMatchObject({ remainingPoints: 2, consumedPoints: 3, isFirstInDuration: false })
    },
  },
  {
    name: 'consume rejects with a result that is no error where points are lacking',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      await limiter.consume('a', 5)
      const rejected = await rejection(limiter.consume('a'))
      expect(rejected).toBeInstanceOf(subject.RateLimiterRes)
      expect(rejected).not.toBeInstanceOf(Error)
      expect(rejected).toMatchObject({ remainingPoints: 0, isFirstInDuration: false })
      expect(rejected.consumedPoints).toBe(
        subject.differing('points consumed after 5 of 5 and a rejected call'),
      )
      expectWait(rejected, duration)
      expect(await limiter.consume('b')).toMatchObject({ consumedPoints: 1 })
    },
  },
  {
    name: 'a call that asks for too much says what is left',
    async run(subject) {
      const limiter = subject.create({ points: 10, duration })
      await limiter.consume('a', 8)
      const rejected = await rejection(limiter.consume('a', 5))
      expect(rejected.remainingPoints).toBe(
        subject.differing('points left after 8 of 10 and a rejected call for 5'),
      )
      expect(await outcome(limiter.consume('a'))).toBe(
        subject.differing('a call for 1 after 8 of 10 and a rejected call for 5'),
      )
    },
  },
  {
    name: 'of many calls at once as many pass as there are points',
    async run({ create }) {
      const limiter = create({ points: 5, duration })
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(limiter.consume('a'))))
      expect(outcomes.filter((one) => one === 'resolved')).toHaveLength(5)
    },
  },
  {
    name: 'get tells what is consumed and consumes nothing; of an unknown key null',
    async run({ create }) {
      const limiter = create({ points: 5, duration })
      expect(await limiter.get('a')).toBeNull()
      await limiter.consume('a', 5)
      for (let i = 0; i < 2; i++) {
        const res = await limiter.get('a')
        expect(res).toMatchObject({ consumedPoints: 5, remainingPoints: 0, isFirstInDuration: false })
        expectWait(res, duration)
      }
    },
  },
  {
    name: 'penalty consumes also more than there is, and never rejects',
    async run({ create }) {
      const limiter = create({ points: 10, duration })
      expect(await limiter.penalty('a')).toMatchObject({ consumedPoints: 1, remainingPoints: 9 })
      expect(await limiter.penalty('a', 11)).toMatchObject({ consumedPoints: 12, remainingPoints: 0 })
      expect(await limiter.get('a')).toMatchObject({ consumedPoints: 12, remainingPoints: 0 })
      expectWait(await rejection(limiter.consume('a')), duration)
    },
  },
  {
    name: 'reward gives points back',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      await limiter.consume('a', 3)
      expect(await limiter.reward('a')).toMatchObject({ consumedPoints: 2, remainingPoints: 3 })
      await limiter.reward('a')
      const over = await limiter.reward('a', 4)
      expect(over.remainingPoints).toBe(
        subject.differing('points left after a reward of 4 for 1 of 5 consumed'),
      )
    },
  },
  {
    name: 'reward pays for a penalty',
    async run({ create }) {
      const limiter = create({ points: 5, duration })
      await limiter.penalty('a', 7)
      expect(await limiter.reward('a', 3)).toMatchObject({ consumedPoints: 4, remainingPoints: 1 })
      expect(await outcome(limiter.consume('a'))).toBe('resolved')
    },
  },
  {
    name: 'reward of an unknown key leaves nothing above the limit',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      await limiter.reward('a')
      const left = subject.differing('what a reward leaves of a key that has consumed nothing')
      const res = await limiter.get('a')
      expect(res === null ? null : { consumedPoints: res.consumedPoints }).toEqual(left)
    },
  },
  {
    name: 'set replaces what is consumed',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      await limiter.consume('a', 4)
      const res = await limiter.set('a', 2, duration)
      expect(res.consumedPoints).toBe(2)
      expect(res.remainingPoints).toBe(subject.differing('points left in the answer of set'))
      expectWait(res, duration)
      expect(await limiter.consume('a', 3)).toMatchObject({ consumedPoints: 5, remainingPoints: 0 })
      expect(await outcome(limiter.consume('a'))).toBe('rejected')
    },
  },
  {
    name: 'set to 0 frees a key, also one that is blocked',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      await limiter.block('a', duration)
      await limiter.set('a', 0, duration)
      const left = subject.differing('what set to 0 leaves of a key')
      const res = await limiter.get('a')
      expect(res === null ? null : { consumedPoints: res.consumedPoints }).toEqual(left)
      expect(await outcome(limiter.consume('a', 5))).toBe('resolved')
    },
  },
  {
    name: 'set for another duration',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      expect(await outcome(limiter.set('a', 2, duration * 2))).toBe(
        subject.differing('a set for another duration'),
      )
    },
  },
  {
    name: 'block rejects every call until the key is deleted',
    async run({ create, RateLimiterRes }) {
      const limiter = create({ points: 5, duration })
      await limiter.consume('a')
      const res = await limiter.block('a', 1200)
      expect(res).toBeInstanceOf(RateLimiterRes)
      expect(res).toMatchObject({ remainingPoints: 0, consumedPoints: 6, msBeforeNext: 1_200_000 })
      const blocked = await limiter.get('a')
      expect(blocked).toMatchObject({ remainingPoints: 0, consumedPoints: 6 })
      expectWait(blocked, 1200)
      const rejected = await rejection(limiter.consume('a'))
      expect(rejected.remainingPoints).toBe(0)
      expect(rejected.consumedPoints).toBeGreaterThan(5)
      expectWait(rejected, 1200)
      expect(await limiter.delete('a')).toBe(true)
      expect(await limiter.get('a')).toBeNull()
      expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 1 })
    },
  },
  {
    name: 'block for 0 seconds never ends',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      expect(await limiter.block('a', 0)).toMatchObject({ msBeforeNext: forever })
      expect(await limiter.get('a')).toMatchObject({ msBeforeNext: forever })
      expect((await rejection(limiter.consume('a'))).msBeforeNext).toBe(
        subject.differing('milliseconds that a block for ever lasts from the next call on'),
      )
    },
  },
  {
    name: 'delete says whether there was anything',
    async run({ create }) {
      const limiter = create({ points: 5, duration })
      expect(await limiter.delete('a')).toBe(false)
      await limiter.consume('a', 5)
      expect(await limiter.delete('a')).toBe(true)
      expect(await limiter.get('a')).toBeNull()
      expect(await outcome(limiter.consume('a', 5))).toBe('resolved')
    },
  },
]
