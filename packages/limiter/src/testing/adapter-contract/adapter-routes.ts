import assert from 'node:assert/strict'
import type { AdapterCase } from './adapter-subject.ts'
import { statuses, withApp } from './with-app.ts'

/** Of adapters that know the route of a request. */
export const routeCases: readonly AdapterCase[] = [
  {
    name: 'counts by the pattern of a route, whatever its parameters are',
    run: (subject) => {
      const limits = [{ limit: '2/hour', key: ['ip', 'route'] }]
      const app = {
        routes: [
          { pattern: '/items/:id', limits },
          { pattern: '/other', limits },
        ],
      }
      return withApp(subject, app, async (send) => {
        assert.equal((await send('/items/1')).status, 200)
        assert.equal((await send('/items/2?x=1')).status, 200)
        assert.equal((await send('/items/3')).status, 429)
        assert.deepEqual(await statuses(send, 3, '/other'), [200, 200, 429])
      })
    },
  },
  {
    name: 'keeps the budgets of routes apart in one limiter',
    run: (subject) => {
      const shared = { limit: '1/hour', key: ['ip', 'route'], name: 'routes' }
      const app = { routes: ['/a/:x', '/b/:x'].map((pattern) => ({ pattern, limits: [shared] })) }
      return withApp(subject, app, async (send) => {
        assert.deepEqual(await statuses(send, 2, '/a/1'), [200, 429])
        assert.deepEqual(await statuses(send, 2, '/b/1'), [200, 429])
      })
    },
  },
]
