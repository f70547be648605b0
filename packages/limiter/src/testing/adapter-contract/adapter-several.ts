import assert from 'node:assert/strict'
import type { AdapterCase } from './adapter-subject.ts'
import { oneRoute, statuses, stillStore, withApp } from './with-app.ts'

export const severalCases: readonly AdapterCase[] = [
  {
    name: 'answers several limits as one: all are listed, and the one with the least left is told',
    run: (subject) => {
      const { store } = stillStore()
      const limits = [
        { limit: '2/min', store, name: 'burst' },
        { limit: '100/day', store, name: 'daily' },
      ]
      return withApp(subject, oneRoute(limits), async (send) => {
        const { headers } = await send()
        assert.equal(headers.get('ratelimit'), '"burst/1m";r=1;t=60')
        assert.equal(headers.get('ratelimit-policy'), '"burst/1m";q=2;w=60, "daily/1d";q=100;w=86400')
      })
    },
  },
  {
    name: 'gives back what earlier limits spent where a later one denies',
    run: (subject) => {
      const { store } = stillStore()
      const limits = [
        { limit: '100/day', store, name: 'daily' },
        { limit: '2/min', store, name: 'burst' },
      ]
      return withApp(subject, oneRoute(limits), async (send) => {
        assert.deepEqual(await statuses(send, 12), [200, 200, ...Array.from({ length: 10 }, () => 429)])
        const { headers } = await send()
        assert.equal(headers.get('ratelimit'), '"burst/1m";r=0;t=60')
        assert.match(headers.get('ratelimit-policy') ?? '', /"daily\/1d"/)
      }).then(() =>
        withApp(subject, oneRoute([{ limit: '100/day', store, name: 'daily' }]), async (send) => {
          assert.match((await send()).headers.get('ratelimit') ?? '', /r=97;/)
        }),
      )
    },
  },
  {
    name: 'gives back an estimate that is settled later where a later limit denies',
    run: (subject) => {
      const { store } = stillStore()
      const limits = [
        { limit: '100/day', store, name: 'daily', cost: 10, charge: () => 50 },
        { limit: '0/min', store, name: 'never' },
      ]
      return withApp(subject, oneRoute(limits), async (send) => {
        assert.deepEqual(await statuses(send, 3), [429, 429, 429])
      }).then(() =>
        withApp(subject, oneRoute([{ limit: '100/day', store, name: 'daily' }]), async (send) => {
          assert.match((await send()).headers.get('ratelimit') ?? '', /r=99;/)
        }),
      )
    },
  },
  {
    name: 'limits at the application and at a route together',
    run: (subject) => {
      const { store } = stillStore()
      const app = {
        limits: [{ limit: '5/min', store, name: 'all' }],
        routes: [{ pattern: '/login', limits: [{ limit: '2/min', store, name: 'login' }] }, { pattern: '/' }],
      }
      return withApp(subject, app, async (send) => {
        assert.deepEqual(await statuses(send, 4, '/login'), [200, 200, 429, 429])
        assert.deepEqual(await statuses(send, 4, '/'), [200, 200, 200, 429])
      })
    },
  },
  {
    name: 'tells two limits of one name apart',
    run: (subject) => {
      const limits = [{ limit: '9/min' }, { limit: '1/min' }]
      return withApp(subject, oneRoute(limits), async (send) => {
        const { headers } = await send()
        const policies = '"default-2/1m";q=1;w=60, "default/1m";q=9;w=60'
        assert.equal(headers.get('ratelimit-policy'), policies)
        const denied = await send()
        assert.equal(denied.headers.get('ratelimit-policy'), policies)
        assert.match(denied.headers.get('ratelimit') ?? '', /^"default-2\/1m";r=0;/)
      })
    },
  },
  {
    name: 'names what scripts may read once for all limits, beside what the application names',
    run: (subject) => {
      const expose = { headers: { expose: true } }
      const limits = [
        { limit: '9/min', ...expose },
        { limit: '1/min', ...expose },
      ]
      return withApp(subject, oneRoute(limits), async (send) => {
        const both = 'ratelimit-policy, ratelimit'
        assert.equal((await send()).headers.get('access-control-expose-headers'), both)
        const denied = (await send()).headers.get('access-control-expose-headers')
        assert.equal(denied, `${both}, retry-after`)
      })
    },
  },
]
