import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { type SharedMemoryOptions, sharedMemoryStore } from '../../src/stores/shared-memory/index.ts'
import { manualClock } from '../../src/testing/manual-clock.ts'

const clock = manualClock()

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

describe('sharedMemoryStore', () => {
  it.each([
    [{ maxKeys: 0 }, 'sharedMemoryStore.maxKeys'],
    [{ maxKeys: 1.5 }, 'sharedMemoryStore.maxKeys'],
    [{ maxKeys: 2 ** 24 + 1 }, 'sharedMemoryStore.maxKeys'],
    [{ maxKeys: '100' }, 'sharedMemoryStore.maxKeys'],
    [{ clock: Date.now }, 'sharedMemoryStore.clock'],
    [{ attach: undefined }, 'sharedMemoryStore.attach'],
    [{ attach: new ArrayBuffer(64) }, 'sharedMemoryStore.attach'],
    [{ attach: new SharedArrayBuffer(64) }, 'sharedMemoryStore.attach'],
    [{ attach: new SharedArrayBuffer(0) }, 'sharedMemoryStore.attach'],
    [{ attach: sharedMemoryStore({ maxKeys: 8 }) }, 'sharedMemoryStore.attach'],
    [{ attach: sharedMemoryStore({ maxKeys: 8 }).memory, maxKeys: 9 }, 'maxKeys'],
    [{ max: 9 }, 'max'],
    [null, 'is not an object'],
    ['memory', 'is not an object'],
  ])('refuses %j and names the field', (options, field) => {
    expect(() => sharedMemoryStore(options as SharedMemoryOptions)).toThrow(field)
  })

  it('takes any number of keys, also one', () => {
    const store = sharedMemoryStore({ maxKeys: 1, clock })
    const limiter = createLimiter({ limit: '2/min', store })
    expect(limiter.consumeSync('a').allowed).toBe(true)
    expect(limiter.consumeSync('b').allowed).toBe(true)
    expect(store.stats()).toMatchObject({ keys: 1, overflowed: 1 })
  })

  it('has one budget for all that attach to one memory', () => {
    const first = sharedMemoryStore({ maxKeys: 100, clock })
    const stores = [first, ...[1, 2, 3].map(() => sharedMemoryStore({ attach: first.memory, clock }))]
    const limiters = stores.map((store) => createLimiter({ limit: '4/min', store }))
    expect(limiters.map((limiter) => limiter.consumeSync('a').remaining)).toEqual([3, 2, 1, 0])
    expect(limiters.map((limiter) => limiter.consumeSync('a').allowed)).toEqual([false, false, false, false])
  })

  it('is of no use once it is closed, and its place is free', async () => {
    const first = sharedMemoryStore({ maxKeys: 100, clock })
    for (let i = 0; i < 300; i++) {
      const other = sharedMemoryStore({ attach: first.memory, clock })
      const limiter = createLimiter({ limit: '1000/min', store: other })
      expect(limiter.consumeSync('a').allowed).toBe(true)
      await other.close()
      await other.close()
      expect(() => limiter.consumeSync('a')).toThrow('this store was closed')
    }
    expect(createLimiter({ limit: '1000/min', store: first }).consumeSync('a').remaining).toBe(699)
  })

  it('says so where more stores attach than it has places for', () => {
    const { memory } = sharedMemoryStore({ maxKeys: 100, clock })
    const attached = Array.from({ length: 127 }, () => sharedMemoryStore({ attach: memory, clock }))
    expect(attached).toHaveLength(127)
    expect(() => sharedMemoryStore({ attach: memory, clock })).toThrow('128 stores')
  })

  it('gives a place back when its thread ends, however it does', async () => {
    const { memory } = sharedMemoryStore({ maxKeys: 100 })
    const file = new URL('./fixtures/attach-and-wait.ts', import.meta.url)
    for (let i = 0; i < 3; i++) {
      // Nobody here holds on to the store, or to the memory.
      await turn()
      collect()
      const workers = Array.from(
        { length: 4 },
        () => new Worker(file, { workerData: { memory, stores: 30 } }),
      )
      const messages = await Promise.all(workers.map((worker) => once(worker, 'message')))
      expect(messages.flat()).toEqual(['attached', 'attached', 'attached', 'attached'])
      await Promise.all(workers.map((worker) => worker.terminate()))
    }
  })

  it('holds on to no memory in which nobody has a place, also while threads run', async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    await once(worker, 'online')
    const before = process.memoryUsage().arrayBuffers
    const each = sharedMemoryStore({ maxKeys: 20_000 }).memory.byteLength
    for (let i = 0; i < 20; i++) await sharedMemoryStore({ maxKeys: 20_000 }).close()
    const held = async (): Promise<number> => {
      await turn()
      collect()
      return (process.memoryUsage().arrayBuffers - before) / each
    }
    // Of the last ones something may be on the stack still.
    await expect.poll(held, { timeout: 5000 }).toBeLessThan(10)
    await worker.terminate()
  })
})
