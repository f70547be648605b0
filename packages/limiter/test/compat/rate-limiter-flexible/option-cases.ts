/** What the README and the wiki document of options. */
import { expect } from 'vitest'
import { type Case, duration, expectWait, forever, outcome, rejection } from './case.ts'

export const optionCases: readonly Case[] = [
  {
    name: 'duration 0: points never come back',
    async run({ create }) {
      const limiter = create({ points: 1, duration: 0 })
      expect(await limiter.consume('a')).toMatchObject({ msBeforeNext: forever })
      expect(await limiter.get('a')).toMatchObject({ msBeforeNext: forever, consumedPoints: 1 })
      expect(await rejection(limiter.consume('a'))).toMatchObject({ msBeforeNext: forever })
    },
  },
  {
    name: 'duration takes fractions of a second',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration: 0.5 })
      expect((await limiter.consume('a')).msBeforeNext).toBe(
        subject.differing('milliseconds that a duration of half a second begins with'),
      )
    },
  },
  {
    name: 'points 0: every call is rejected, for the duration or for ever',
    async run({ create }) {
      const rejected = await rejection(create({ points: 0, duration }).consume('a'))
      expect(rejected.remainingPoints).toBe(0)
      expectWait(rejected, duration)
      const never = create({ points: 0, duration: 0, keyPrefix: 'never' })
      expect((await rejection(never.consume('a'))).msBeforeNext).toBe(forever)
    },
  },
  {
    name: 'a call for more than all points is rejected until they are back, which a date can hold',
    async run({ create }) {
      const limiter = create({ points: 5, duration })
      const fresh = await rejection(limiter.consume('a', 6))
      expectWait(fresh, duration)
      expect(() => new Date(Date.now() + fresh.msBeforeNext).toISOString()).not.toThrow()
      await limiter.consume('b', 2)
      expectWait(await rejection(limiter.consume('b', 6)), duration)
    },
  },
  {
    name: 'points that become fewer than are consumed',
    async run({ create, differing }) {
      const limiter = create({ points: 5, duration })
      await limiter.consume('a', 3)
      limiter.points = 1
      expect(await limiter.get('a')).toMatchObject({ consumedPoints: 3, remainingPoints: 0 })
      const { consumedPoints, remainingPoints } = await rejection(limiter.consume('a'))
      const what = 'points consumed that a rejection tells of 3 where points have become 1'
      expect([consumedPoints, remainingPoints]).toEqual([differing(what), 0])
    },
  },
  {
    name: 'blockDuration blocks a key from its first rejected call on',
    async run({ create }) {
      const limiter = create({ points: 2, duration, blockDuration: 1200 })
      await limiter.consume('a', 2)
      expectWait(await rejection(limiter.consume('a')), 1200)
      const blocked = await limiter.get('a')
      expect(blocked?.consumedPoints).toBeGreaterThan(2)
      expectWait(blocked, 1200)
      expectWait(await rejection(limiter.consume('a')), 1200)
      expect(await limiter.delete('a')).toBe(true)
      expect(await outcome(limiter.consume('a'))).toBe('resolved')
    },
  },
  {
    name: 'blockDuration shorter than the duration',
    async run(subject) {
      const limiter = subject.create({ points: 2, duration, blockDuration: 10 })
      await limiter.consume('a', 2)
      const rejected = await rejection(limiter.consume('a'))
      const seconds = 'seconds to wait for a key with a block of 10 in a duration of 600'
      expectWait(rejected, subject.differing(seconds))
    },
  },
  {
    name: 'blockDuration and a call that asks for more than all points',
    async run(subject) {
      const limiter = subject.create({ points: 2, duration, blockDuration: 1200 })
      expect(await outcome(limiter.consume('a', 3))).toBe('rejected')
      const blocks = 'whether a lone call for more than all points blocks the key'
      expect((await outcome(limiter.consume('a'))) === 'rejected').toBe(subject.differing(blocks))
    },
  },
  {
    name: 'blockDuration and a penalty',
    async run(subject) {
      const limiter = subject.create({ points: 2, duration, blockDuration: 1200 })
      await limiter.penalty('a', 3)
      const { msBeforeNext } = await rejection(limiter.consume('a'))
      const blocks = 'whether the first call after a penalty above all points blocks the key'
      expect(msBeforeNext > duration * 1000 + 1).toBe(subject.differing(blocks))
    },
  },
  {
    name: 'keyPrefix and two durations',
    async run(subject) {
      await subject.create({ points: 5, duration }).consume('a')
      const other = await subject.create({ points: 5, duration: 1200 }).get('a')
      const found = 'points that another duration of the same prefix finds consumed'
      expect(other?.consumedPoints).toBe(subject.differing(found))
    },
  },
  {
    name: 'keyPrefix sets limiters apart, and those of one prefix share a store',
    async run({ create, isShared }) {
      const first = create({ points: 5, duration, keyPrefix: 'one' })
      await first.consume('a', 3)
      expect(await create({ points: 5, duration, keyPrefix: 'two' }).get('a')).toBeNull()
      const again = await create({ points: 5, duration, keyPrefix: 'one' }).get('a')
      expect(again?.consumedPoints).toBe(isShared ? 3 : undefined)
    },
  },
  {
    name: 'keyPrefix and a key that has a colon',
    async run(subject) {
      await subject.create({ points: 5, duration, keyPrefix: 'a' }).block('b:c', duration)
      const other = subject.create({ points: 5, duration, keyPrefix: 'a:b' })
      const isBlocked = (await outcome(other.consume('c'))) === 'rejected'
      expect(isBlocked).toBe(subject.differing('a blocked first key of two prefixes that join to one text'))
    },
  },
  {
    name: 'a limiter tells its options and their defaults',
    async run({ create }) {
      const limiter = create({ points: 4, duration: 2 })
      expect(limiter.points).toBe(4)
      expect(limiter.duration).toBe(2)
      expect(limiter.msDuration).toBe(2000)
      expect(limiter.blockDuration).toBe(0)
      expect(limiter.keyPrefix).toBe('rlflx')
      expect(limiter.execEvenly).toBe(false)
      expect(limiter.execEvenlyMinDelayMs).toBe(500)
      expect(limiter.getKey('a')).toBe('rlflx:a')
      expect(limiter.parseKey('rlflx:a')).toBe('a')
      const bare = create({ points: 4, duration: 2, keyPrefix: '', blockDuration: 3 })
      expect(bare.getKey('a')).toBe('a')
      expect(bare.parseKey('a')).toBe('a')
      expect(bare.msBlockDuration).toBe(3000)
      expect((await bare.consume('a')).consumedPoints).toBe(1)
    },
  },
  {
    name: 'points, duration and blockDuration may change while a limiter runs',
    async run({ create }) {
      const limiter = create({ points: 2, duration })
      await limiter.consume('a', 2)
      limiter.points = 4
      expect(await limiter.consume('a')).toMatchObject({ consumedPoints: 3, remainingPoints: 1 })
      limiter.points = 3
      limiter.blockDuration = 1200
      expectWait(await rejection(limiter.consume('a')), 1200)
      limiter.duration = 1800
      expectWait(await limiter.consume('b'), 1800)
      expect(limiter).toMatchObject({ points: 3, duration: 1800, msDuration: 1_800_000, blockDuration: 1200 })
    },
  },
  {
    name: 'a number is the same key as its text',
    async run({ create }) {
      const limiter = create({ points: 5, duration })
      await limiter.consume(7)
      expect((await limiter.consume('7')).consumedPoints).toBe(2)
    },
  },
  {
    name: 'calls that make no sense',
    async run(subject) {
      const limiter = subject.create({ points: 5, duration })
      const custom = { customDuration: 5 } as never
      const keyless = undefined as never
      expect(await outcome(limiter.consume('a', -1))).toBe(subject.differing('a call for -1'))
      expect(await outcome(limiter.consume(keyless))).toBe(subject.differing('a call without a key'))
      const consume = limiter.consume.bind(limiter) as (...args: unknown[]) => Promise<unknown>
      expect(await outcome(consume('b', 1, custom))).toBe(
        subject.differing('a call with a duration of its own'),
      )
      expect(await outcome(consume('c', 1, {}))).toBe('resolved')
    },
  },
  {
    name: 'a result is plain data as JSON and as text',
    async run({ create }) {
      const res = await create({ points: 5, duration: 0 }).consume('a', 2)
      const plain = { remainingPoints: 3, msBeforeNext: -1, consumedPoints: 2, isFirstInDuration: true }
      expect(JSON.parse(JSON.stringify(res))).toEqual(plain)
      expect(JSON.parse(String(res))).toEqual(plain)
    },
  },
  {
    name: 'a union resolves with the answers of all, or rejects with those that reject',
    async run(subject) {
      const wide = subject.create({ points: 5, duration, keyPrefix: 'wide' })
      const narrow = subject.create({ points: 1, duration, keyPrefix: 'narrow' })
      const union = subject.union(wide, narrow)
      expect(await union.consume('a')).toMatchObject({
        wide: { consumedPoints: 1 },
        narrow: { consumedPoints: 1 },
      })
      const rejected = await union.consume('a').catch((reason: unknown) => reason)
      expect(Object.keys(rejected as object)).toEqual(['narrow'])
      expect(rejected).toMatchObject({ narrow: { remainingPoints: 0 } })
      expect((await wide.get('a'))?.consumedPoints).toBe(
        subject.differing('points consumed in the union beside a limiter that rejected'),
      )
    },
  },
]
