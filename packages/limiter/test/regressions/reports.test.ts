/** The rows of `reports.ts` in memory, and those that are about one process. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'
import { declareReports } from './reports.ts'

describe('reports of users, in memory', () => {
  declareReports((clock) => memoryStore({ clock }))
})

describe('24: options of production serve development', () => {
  const production = { limit: '5/min', deadlineMs: 10, onStoreError: 'closed', replicas: 3 } as const

  it('are taken with a memory store, and have no effect', () => {
    const plain = createLimiter({ limit: '5/min', store: memoryStore({ clock: manualClock() }) })
    for (const store of [memoryStore({ clock: manualClock() }), undefined]) {
      const limiter = createLimiter({ ...production, ...(store && { store }) })
      expect(limiter.health()).toEqual(plain.health())
      expect(limiter.consumeSync('a', { cost: 5 })).toMatchObject({
        allowed: true,
        source: 'store',
        limit: 5,
      })
    }
  })

  it.each([
    [{ onStoreError: 'fail' }, 'options.onStoreError'],
    [{ deadlineMs: 0 }, 'options.deadlineMs'],
    [{ deadlineMs: '15ms' }, 'options.deadlineMs'],
    [{ deadlineMs: Number.POSITIVE_INFINITY }, 'options.deadlineMs'],
    [{ replicas: 0.5 }, 'options.replicas'],
    [{ replicas: 'many' }, 'options.replicas'],
  ])('are checked all the same: %j', (wrong, path) => {
    expect(() => createLimiter({ ...production, ...(wrong as object) })).toThrow(
      expect.objectContaining({ code: 'invalid-options', path }),
    )
  })
})

describe('warnings of a process', () => {
  let warnings: string[]
  beforeEach(() => {
    warnings = []
    vi.spyOn(process, 'emitWarning').mockImplementation(((message: string, options: { code: string }) => {
      warnings.push(`${options.code} ${message}`)
    }) as never)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('26: two unnamed limiters that share a counter by accident are warned of, once, with the fix', () => {
    const store = memoryStore()
    createLimiter({ limit: '200/min', store })
    createLimiter({ limit: '2/min', store })
    createLimiter({ limit: '20/min', store })
    expect(warnings).toEqual([expect.stringMatching(/^HEADGATE_SHARED_COUNTER .*a name of its own/)])
  })

  it('29: a listener that throws or rejects is reported once, and the call stands', async () => {
    const limiter = createLimiter({ limit: '5/min' })
    limiter.on('decision', () => {
      throw new Error('no such metric')
    })
    limiter.on('decision', async () => {
      throw new Error('no connection')
    })
    for (let i = 0; i < 3; i++) expect((await limiter.consume('a')).allowed).toBe(true)
    expect(limiter.consumeSync('a')).toMatchObject({ allowed: true, remaining: 1 })
    await new Promise((resolve) => setImmediate(resolve))
    expect(warnings).toEqual([
      expect.stringMatching(/^HEADGATE_LISTENER .*no such metric/),
      expect.stringMatching(/^HEADGATE_LISTENER .*no connection/),
    ])
  })
})
