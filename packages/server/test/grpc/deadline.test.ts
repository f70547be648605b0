/** What a caller is answered that waits no longer than Envoy does where nothing is said, while the store does not answer. */
import { memoryStore } from 'headgate'
import { guarded } from 'headgate/resilience'
import { faultyStore, type ManualClock, manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { createService } from '../../src/service/create-service.ts'
import { RATE_LIMIT_SERVICE_METHODS } from '../../src/transports/grpc/methods/rate-limit-service.ts'
import type { UnaryMethod } from '../../src/transports/grpc/rpc-method.ts'

const ENVOY_TIMEOUT_MS = 20

const policies = (onStoreError: string): string => `
policies:
  - { name: users, match: { domain: edge, descriptor: [user] }, key: descriptor.user, rules: [3/min], onStoreError: ${onStoreError} }
`

/** Deadlines of a clock that tests move. */
function timedBy(clock: ManualClock, store: ReturnType<typeof guarded>): ReturnType<typeof guarded> {
  return new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target)
      if (name === 'guard') return (options: object) => value.call(target, { ...options, clock })
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** The answer of Envoy's protocol, or its error, on a store that never answers; and how many milliseconds had to pass. */
async function answer(onStoreError: string) {
  const clock = manualClock()
  const store = faultyStore(memoryStore({ clock }), { clock })
  store.always('hang')
  const service = createService({
    configuration: parseConfig(policies(onStoreError), 'headgate.yaml'),
    store: { store: timedBy(clock, guarded(store)), label: 'frozen', resilience: {}, ping: async () => {} },
  })
  const [method] = RATE_LIMIT_SERVICE_METHODS as readonly UnaryMethod[]
  const message = { domain: 'edge', descriptors: [{ entries: [{ key: 'user', value: 'ada' }] }] }
  const call = { service, transport: 'grpc', deadlineMs: ENVOY_TIMEOUT_MS }
  let answered: unknown
  const asked = Promise.resolve(method?.handle(message as never, call as never)).then(
    (response) => (answered = response),
    (reason) => (answered = reason),
  )
  let waitedMs = 0
  while (answered === undefined && waitedMs < 1000) {
    // Whatever does not wait for the clock is done.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    if (answered !== undefined) break
    clock.advance(1)
    waitedMs++
  }
  await asked
  await service.close()
  return { answered, waitedMs }
}

describe('a caller that waits for 20 ms', () => {
  it.each([
    ['local', { overallCode: 1 }],
    ['open', { overallCode: 1 }],
    ['closed', { code: 'store-unavailable' }],
  ])('is answered before, as onStoreError %s says', async (onStoreError, expected) => {
    const { answered, waitedMs } = await answer(onStoreError)
    expect(answered).toMatchObject(expected)
    expect(waitedMs).toBeLessThan(ENVOY_TIMEOUT_MS)
    expect(waitedMs).toBeGreaterThan(0)
  })
})
