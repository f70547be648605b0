import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/entries/index.ts'
import { type ContractSubject, manualClock, storeContract } from '../../src/entries/testing.ts'
import { banCases } from '../../src/testing/contract/bans.ts'
import { ToyStore } from './toy-store.ts'

const clock = manualClock()
const store = new ToyStore(clock)
let names = 0
const subject: ContractSubject = {
  store,
  clock,
  unique: () => `u${++names}`,
}

/** What takes more than a map: rates that begin with what older ones have used, at most five windows of a name, and bans. */
const beyond = [
  'token bucket: a limit raised or lowered acts at once and keeps what was spent',
  'a bucket whose rate changes begins with what was used, and waits by the new rate',
  'what a rate has used is taken over in whole tokens, rounded up, at most the capacity',
  'a peek after a change writes nothing',
  'the sixth window of a call is one too many until the first has recovered',
  'windows without a name count together, whatever they show',
  'a configured rule supplants the one spent from longest ago',
  'a denial of a window too many supplants nothing',
  'a block from the future begins anew, and lasts no longer than it was made for',
  ...banCases
    .map(({ name }) => name)
    .filter((name) => name !== 'a denial after nothing but undone spends is no offence'),
]

describe('a store of a third party', () => {
  it.each(storeContract.filter(({ name }) => !beyond.includes(name)))('keeps the contract: $name', (one) =>
    one.run(subject),
  )

  it.each(storeContract.filter(({ name }) => beyond.includes(name)))(
    'is told of what it lacks: $name',
    (one) => expect(one.run(subject)).rejects.toThrow(),
  )

  it('serves a limiter', async () => {
    const limiter = createLimiter({ limit: '2/min', store: new ToyStore(clock), clock })
    const allowed = [await limiter.consume('a'), await limiter.consume('a'), await limiter.consume('a')]
    expect(allowed.map((decision) => decision.allowed)).toEqual([true, true, false])
    clock.advance(allowed[2]?.retryAfterMs ?? 0)
    expect(await limiter.consume('a')).toMatchObject({ allowed: true })
  })
})
