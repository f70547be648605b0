import { afterEach, describe, expect, it, vi } from 'vitest'
import { freshLibrary } from './fresh-library.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a limiter that is created', () => {
  it('for each request is warned of, once', async () => {
    const { createLimiter, codes } = await freshLibrary()
    for (let i = 0; i < 300; i++) await createLimiter({ limit: '100/min' }).consume('alice')
    expect(codes).toEqual(['HEADGATE_LIMITER_PER_REQUEST'])
  })

  it('for each request with a store for each is warned of too', async () => {
    const { createLimiter, memoryStore, codes } = await freshLibrary()
    for (let i = 0; i < 300; i++)
      createLimiter({ limit: '100/min', store: memoryStore() }).consumeSync('alice')
    expect(codes).toEqual(['HEADGATE_LIMITER_PER_REQUEST'])
  })

  it('for each route when the program starts is not', async () => {
    const { createLimiter, codes } = await freshLibrary()
    const limiters = Array.from({ length: 300 }, () => createLimiter({ limit: '100/min' }))
    for (const limiter of limiters) limiter.consumeSync('alice')
    expect(codes).toEqual([])
  })

  it('on a store that all share, or closed after its use, is not', async () => {
    const { createLimiter, memoryStore, codes } = await freshLibrary()
    const store = memoryStore()
    for (let i = 0; i < 300; i++) {
      createLimiter({ limit: '100/min', store }).consumeSync('alice')
      const own = createLimiter({ limit: '100/min' })
      own.consumeSync('alice')
      await own.close()
    }
    expect(codes).toEqual([])
  })
})
