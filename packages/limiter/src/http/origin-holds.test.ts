import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { manualClock } from '../testing/manual-clock.ts'
import { OriginHolds } from './origin-holds.ts'

it('leaves no listener on a signal after a wait', async () => {
  const clock = manualClock()
  const holds = new OriginHolds(clock)
  const { signal } = new AbortController()
  holds.add('http://a', 2000, 429)
  const turn = holds.pass('http://a', clock.now() + 5e6, signal)
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  clock.advance('2s')
  expect(await turn).toBeNull()
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('waits on where a hold becomes longer meanwhile, and ends at once where it becomes too long', async () => {
  const clock = manualClock()
  const holds = new OriginHolds(clock)
  holds.add('http://a', 2000, 429)
  const turn = holds.pass('http://a', clock.now() + 5e6, null)
  holds.add('http://a', 60_000, 503)
  clock.advance('2s')
  expect(await turn).toMatchObject({ status: 503 })
  expect(clock.pending).toBe(0)
})
