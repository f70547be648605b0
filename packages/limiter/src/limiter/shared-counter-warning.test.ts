import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLimiter } from '../create-limiter.ts'
import { memoryStore } from '../stores/memory/index.ts'

let codes: (string | undefined)[]

beforeEach(() => {
  codes = []
  vi.spyOn(process, 'emitWarning').mockImplementation(((_: string, options: { code?: string }) => {
    codes.push(options.code)
  }) as never)
})

afterEach(() => {
  vi.restoreAllMocks()
})

describe('unnamed limiters on one store', () => {
  it('are warned of, once, where their limits differ', () => {
    const store = memoryStore()
    for (const limit of ['200/min', '2/min', '3/min']) createLimiter({ limit, store })
    expect(codes).toEqual(['HEADGATE_SHARED_COUNTER'])
  })

  it.each([
    ['of one limit, however it is written', [{ limit: '200/min' }, { limit: { limit: 200, window: '60s' } }]],
    ['of which only one is unnamed', [{ limit: '200/min' }, { policies: [{ name: 'p', rules: ['2/min'] }] }]],
    [
      'that name their policies alike on purpose',
      ['1/s', '2/s'].map((rate) => ({ policies: [{ name: 'p', rules: [rate] }] })),
    ],
  ])('are not where they are %s', (_, options) => {
    const store = memoryStore()
    for (const one of options) createLimiter({ ...one, store })
    expect(codes).toEqual([])
  })

  it('are not where each has a store of its own, or one was closed before', async () => {
    createLimiter({ limit: '200/min' })
    createLimiter({ limit: '2/min' })
    const store = memoryStore()
    await createLimiter({ limit: '200/min', store }).close()
    createLimiter({ limit: '2/min', store })
    expect(codes).toEqual([])
  })

  it('leave no trace of one whose options are refused', () => {
    const store = memoryStore()
    expect(() => createLimiter({ limit: '5/fortnight', store })).toThrow()
    createLimiter({ limit: '2/min', store })
    expect(codes).toEqual([])
  })
})
