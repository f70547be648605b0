import assert from 'node:assert/strict'
import { guarded } from '../../resilience/guarded.ts'
import { memoryStore } from '../../stores/memory/index.ts'
import { type FaultyStore, faultyStore } from '../faulty-store.ts'
import type { AdapterCase } from './adapter-subject.ts'
import { oneRoute, statuses, withApp } from './with-app.ts'

function brokenStore(): FaultyStore {
  const store = faultyStore(memoryStore())
  store.always('fail')
  return store
}

export const storeCases: readonly AdapterCase[] = [
  {
    name: 'lets requests pass by their share of the limit while the store is away, unless told otherwise',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '2/hour', store: guarded(brokenStore()) }]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 429])
      }),
  },
  {
    name: 'lets all requests pass while the store is away with open, and says so to callbacks',
    run: async (subject) => {
      const reasons: string[] = []
      const options = {
        limit: '1/hour',
        store: guarded(brokenStore()),
        onStoreError: 'open' as const,
        onDecision: ({ reason }: { reason: string }) => reasons.push(reason),
      }
      await withApp(subject, oneRoute([options]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 200])
        assert.deepEqual(reasons, ['store-unavailable', 'store-unavailable', 'store-unavailable'])
      })
    },
  },
  {
    name: 'answers 503 while the store is away with closed',
    run: (subject) => {
      const options = { limit: '1/hour', store: guarded(brokenStore()), onStoreError: 'closed' as const }
      return withApp(subject, oneRoute([options]), async (send) => {
        const refused = await send()
        assert.equal(refused.status, 503)
        const { type } = JSON.parse(refused.body)
        assert.equal(type, 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity')
      })
    },
  },
  {
    name: 'answers in time while the store hangs',
    run: (subject) => {
      const store = faultyStore(memoryStore())
      store.always('hang')
      return withApp(subject, oneRoute([{ limit: '1/hour', store: guarded(store) }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
      })
    },
  },
  {
    name: 'shares budgets of one name through one store',
    run: (subject) => {
      const limit = { limit: '2/hour', store: memoryStore(), name: 'api' }
      const routes = [
        { pattern: '/a', limits: [limit] },
        { pattern: '/b', limits: [limit] },
      ]
      return withApp(subject, { routes }, async (send) => {
        assert.equal((await send('/a')).status, 200)
        assert.equal((await send('/b')).status, 200)
        assert.equal((await send('/a')).status, 429)
      })
    },
  },
  {
    name: 'keeps budgets of different names in one store apart',
    run: (subject) => {
      const store = memoryStore()
      const routes = ['a', 'b'].map((name) => ({
        pattern: `/${name}`,
        limits: [{ limit: '1/hour', store, name }],
      }))
      return withApp(subject, { routes }, async (send) => {
        assert.deepEqual(await statuses(send, 2, '/a'), [200, 429])
        assert.deepEqual(await statuses(send, 2, '/b'), [200, 429])
      })
    },
  },
]
