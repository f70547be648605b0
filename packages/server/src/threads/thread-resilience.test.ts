import { describe, expect, it } from 'vitest'
import { threadResilience } from './thread-resilience.ts'

const WORKER = { workers: 4, isWorker: true }
const COORDINATOR = { workers: 4, isWorker: false }

describe('the share of a thread while the store does not answer', () => {
  it('is that of a process, divided by its threads', () => {
    expect(threadResilience({ replicas: 3, deadlineMs: 5 }, WORKER)).toEqual({ replicas: 12, deadlineMs: 5 })
    expect(threadResilience({ replicas: 3 }, COORDINATOR)).toEqual({ replicas: 12 })
  })

  it('is counted, where instances are, as one of all workers at least, without the thread that takes no requests', () => {
    expect(threadResilience({ onStoreError: 'open' }, WORKER)).toEqual({
      onStoreError: 'open',
      minReplicas: 4,
    })
    expect(threadResilience({ replicas: 'auto' }, WORKER)).toEqual({ minReplicas: 4 })
    expect(threadResilience({}, COORDINATOR)).toEqual({ replicas: 4 })
  })
})
