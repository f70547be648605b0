import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { redisForTests } from '../../redis-for-tests.ts'
import { windowMs } from './case.ts'
import { countCases } from './count-cases.ts'
import { differences } from './differences.ts'
import { headerCases } from './header-cases.ts'
import { mistakeCases } from './mistake-cases.ts'
import { optionCases } from './option-cases.ts'
import { inMemory, inRedis, type Subject } from './subject.ts'
import { timedCases } from './timed-cases.ts'

const redis = redisForTests()
const cases = [...optionCases, ...headerCases, ...countCases]
const asked = new Set<string>()

/** The subject, which notes the differences that a case asks for. */
function noting(subject: Subject): Subject {
  return {
    ...subject,
    differing(what) {
      asked.add(what)
      return subject.differing(what)
    },
  }
}

describe.each(inMemory)('the documented options in memory, $side', (subject) => {
  it.each([...cases, ...mistakeCases])('$name', ({ run }) => run(noting(subject)))
})

describe.each(inMemory)('as time passes in memory, $side', (subject) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it.each(timedCases)('$name', ({ run }) => run(noting(subject)))
})

describe.each(inRedis(redis))('the documented options in Redis, $side', (subject) => {
  beforeEach(async () => {
    await redis.admin.flushdb()
  })

  it.each(cases)('$name', ({ run }) => run(noting(subject)))

  it('getKey of a key that was never seen', async () => {
    const found = await subject.create({ windowMs }).getKey('nobody')
    const what = 'requests that getKey finds in Redis of a key that was never seen'
    expect(found?.totalHits).toBe(noting(subject).differing(what))
  })
})

describe('the list of differences', () => {
  it('has none that no case shows', () => {
    expect(Object.keys(differences).filter((what) => !asked.has(what))).toEqual([])
  })

  it('has none where both answer the same', () => {
    const same = Object.values(differences).filter(({ theirs, ours }) => Object.is(theirs, ours))
    expect(same).toEqual([])
  })
})
