/** Limits that threads have together, in threads of their own. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { SharedPlaces, SharedTally, tallyMemory } from '../../src/threads/shared-tally.ts'

const COMPETE = new URL('fixtures/compete.ts', import.meta.url)

it('places of several threads are never more than there are, whoever takes them at once', async () => {
  const max = 3
  const memory = tallyMemory({ keys: 1, threads: 3 })
  const threads = [1, 2].map((thread) => new Worker(COMPETE, { workerData: { memory, thread, max } }))
  const results = await Promise.all(threads.map(async (thread) => (await once(thread, 'message'))[0]))
  for (const { most } of results) expect(most).toBeLessThanOrEqual(max)
  expect(new SharedPlaces(new SharedTally(memory, 0), max).taken).toBe(0)
  await Promise.all(threads.map((thread) => thread.terminate()))
})
