import { describe, expect, it } from 'vitest'
import { createLimiter } from '../../src/create-limiter.ts'
import { guarded } from '../../src/entries/resilience.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { ControllableStore } from './controllable-store.ts'

const policy = { name: 'api', rules: ['60/min'] }

describe('options of resilience', () => {
  const store = () => guarded(new ControllableStore())

  it.each([
    [{ onStoreError: 'fail' }, /^options\.onStoreError: "fail" is not a mode; use local, open or closed/],
    [{ deadlineMs: 0 }, /^options\.deadlineMs: 0 is not/],
    [
      { deadlineMs: Number.POSITIVE_INFINITY },
      /^options\.deadlineMs: Infinity is not a number of milliseconds/,
    ],
    [{ replicas: 0 }, /^options\.replicas: 0 is not a number of processes/],
    [{ replicas: 'many' }, /^options\.replicas: "many"/],
    [{ minReplicas: 0 }, /^options\.minReplicas: 0 is not a number of processes/],
    [{ minReplicas: 4, replicas: 2 }, /^options\.minReplicas: 4 is for replicas that are counted/],
    [{ onStoreEror: 'open' }, /did you mean "onStoreError"/],
  ])('%j is refused', (options, message) => {
    expect(() => createLimiter({ limit: '1/s', store: store(), ...(options as object) })).toThrow(message)
  })

  it.each([{ onStoreError: 'local' }, { deadlineMs: 5 }, { replicas: 2 }, { minReplicas: 2 }] as const)(
    '%j has no effect on a store that cannot fail, and is refused for one without a guard',
    (options) => {
      const [name] = Object.keys(options)
      const inProcess = createLimiter({ limit: '1/s', store: memoryStore(), ...options })
      expect(inProcess.consumeSync('alice')).toMatchObject({ allowed: true, source: 'store' })
      const bare = { limit: '1/s', store: new ControllableStore(), ...options }
      expect(() => createLimiter(bare)).toThrow(`options.${name}: this store has no guard`)
    },
  )

  it('a policy may have its own with any store, so that tests can run on memory', () => {
    const limiter = createLimiter({ policies: [{ ...policy, onStoreError: 'closed' }], store: memoryStore() })
    expect(limiter.consumeSync('alice')).toMatchObject({ allowed: true, source: 'store' })
    const wrong = [{ ...policy, onStoreError: 'never' as 'open' }]
    expect(() => createLimiter({ policies: wrong })).toThrow(/^policies\[0\]\.onStoreError: "never"/)
  })

  it('a store without a guard is used as it is', async () => {
    const bare = new ControllableStore()
    bare.manner = 'fail'
    const limiter = createLimiter({ limit: '1/s', store: bare })
    await expect(limiter.consume('alice')).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(limiter.health()).toMatchObject({ store: 'unknown', decisions: null })
  })
})
