/** What the README and the wiki of `rate-limiter-flexible` document, as assertions that both packages have to pass. */
import { expect } from 'vitest'
import type { RateLimiterLike } from '../../../src/compat/rate-limiter-flexible/rate-limiter-like.ts'
import type { RateLimiterRes } from '../../../src/entries/compat/rate-limiter-flexible.ts'
import type { Subject } from './subject.ts'

export interface Case {
  readonly name: string
  run(subject: Subject): Promise<void>
}

/** Far longer than any test takes. */
const duration = 600
const forever = -1

export const cases: readonly Case[] = [
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
    name: 'points 0: every call is rejected, for how long it says',
    async run(subject) {
      const rejected = await rejection(subject.create({ points: 0, duration }).consume('a'))
      expect(rejected.remainingPoints).toBe(0)
      expectWait(rejected, subject.differing('seconds to wait with a call for more than all points'))
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

async function rejection(call: Promise<RateLimiterRes>): Promise<RateLimiterRes> {
  const settled = await call.then(
    () => undefined,
    (reason: unknown) => reason as RateLimiterRes,
  )
  if (settled === undefined) throw new Error('the call was not rejected')
  return settled
}

/** `resolved`, `rejected`, or the name of the error. */
async function outcome(call: ReturnType<RateLimiterLike['consume']> | Promise<unknown>): Promise<string> {
  try {
    await call
    return 'resolved'
  } catch (reason) {
    return reason instanceof Error ? reason.name : 'rejected'
  }
}

/** That a wait is the rest of so many seconds, of which no test takes a minute, and at most the slack of a timer longer. */
function expectWait(res: { readonly msBeforeNext: number } | null, seconds: unknown): void {
  const ms = (seconds as number) * 1000
  expect(res?.msBeforeNext).toBeLessThanOrEqual(ms + 1)
  expect(res?.msBeforeNext).toBeGreaterThan(ms - 60_000)
}
