import { describe, expect, it } from 'vitest'
import { checkResilience } from './check-resilience.ts'
import type { ResilienceOptions } from './guarded-store.ts'

describe('options of resilience', () => {
  it.each<ResilienceOptions>([
    {},
    { deadlineMs: 1, replicas: 1, onStoreError: 'open' },
    { replicas: 'auto', minReplicas: 1 },
    { minReplicas: 4 },
  ])('may be %j', (options) => {
    expect(() => checkResilience(options)).not.toThrow()
  })

  it.each([
    [{ onStoreError: 'fail' }, 'options.onStoreError'],
    [{ deadlineMs: 0 }, 'options.deadlineMs'],
    [{ deadlineMs: Number.POSITIVE_INFINITY }, 'options.deadlineMs'],
    [{ deadlineMs: '15ms' }, 'options.deadlineMs'],
    [{ replicas: 0 }, 'options.replicas'],
    [{ replicas: 'all' }, 'options.replicas'],
    [{ minReplicas: 0 }, 'options.minReplicas'],
    [{ minReplicas: 1.5 }, 'options.minReplicas'],
    [{ replicas: 4, minReplicas: 2 }, 'options.minReplicas'],
  ])('may not be %j, and the mistake names its field', (options, path) => {
    expect(() => checkResilience(options as ResilienceOptions)).toThrow(
      expect.objectContaining({ code: 'invalid-options', path }),
    )
  })
})
