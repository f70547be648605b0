import { getEventListeners } from 'node:events'
import { expect, it, onTestFinished, vi } from 'vitest'
import { manualClock } from '../testing/manual-clock.ts'
import { HOLD_MAX_MS, OriginHolds } from './origin-holds.ts'

it('leaves no listener on a signal after a wait', async () => {
  const clock = manualClock()
  const holds = new OriginHolds(clock)
  const { signal } = new AbortController()
  holds.add('http://a', 2000, 429)
  const turn = holds.pass(['http://a'], clock.now() + 5e6, signal)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  clock.advance('2s')
  expect(await turn).toBeNull()
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('waits on where a hold becomes longer meanwhile, and ends at once where it becomes too long', async () => {
  const clock = manualClock()
  const holds = new OriginHolds(clock)
  holds.add('http://a', 2000, 429)
  const turn = holds.pass(['http://a'], clock.now() + 5e6, null)
  holds.add('http://a', 60_000, 503)
  clock.advance('2s')
  expect(await turn).toMatchObject({ status: 503 })
  expect(clock.pending).toBe(0)
})

it('keeps no hold longer than an hour', () => {
  const clock = manualClock()
  const holds = new OriginHolds(clock)
  holds.add('http://a', 365 * 86_400_000, 503)
  clock.advance(HOLD_MAX_MS - 1)
  expect(holds.beyond(['http://a'], clock.now())).toMatchObject({ status: 503 })
  clock.advance(1)
  expect(holds.beyond(['http://a'], clock.now())).toBeNull()
})

it('tells the longest hold of several origins', () => {
  const clock = manualClock()
  const holds = new OriginHolds(clock)
  holds.add('http://a', 2000, 429)
  holds.add('http://b', 3000, 503)
  for (const origins of [
    ['http://a', 'http://b'],
    ['http://b', 'http://a', 'http://c'],
  ]) {
    expect(holds.beyond(origins, clock.now())).toMatchObject({ origin: 'http://b' })
  }
})

it('looks at each of many holds a few times at most, and forgets those that are over', () => {
  const clock = manualClock()
  const holds = new OriginHolds(clock)
  const looked = vi.spyOn(Map.prototype, Symbol.iterator)
  onTestFinished(() => looked.mockRestore())
  for (let i = 0; i < 4096; i++) holds.add(`http://${i}`, 1000, 429)
  expect(looked.mock.calls.length).toBeLessThanOrEqual(Math.log2(4096))
  clock.advance('1s')
  for (let i = 0; i < 4096; i++) holds.add(`http://later/${i}`, 1000, 429)
  expect(holds.size).toBeLessThanOrEqual(4096)
})
