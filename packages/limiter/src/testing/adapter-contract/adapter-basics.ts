import assert from 'node:assert/strict'
import type { AdapterCase } from './adapter-subject.ts'
import { oneRoute, statuses, stillStore, withApp } from './with-app.ts'

export const basicCases: readonly AdapterCase[] = [
  {
    name: 'lets requests pass up to the limit, and answers the next with 429',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '3/hour' }], { pieces: ['hello'] }), async (send) => {
        assert.equal((await send()).body, 'hello')
        assert.deepEqual(await statuses(send, 3), [200, 200, 429])
      }),
  },
  {
    name: 'takes a limit and a window as two options, in milliseconds too',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: 2, window: 3_600_000 }]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 429])
      }),
  },
  {
    name: 'takes several rates, all of which have to pass',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: ['2/hour', '100/day'] }]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 429])
      }),
  },
  {
    name: 'does not spend for a request that is denied',
    run: async (subject) => {
      const { store, clock } = stillStore()
      await withApp(subject, oneRoute([{ limit: '2/min', store }]), async (send) => {
        assert.deepEqual(await statuses(send, 5), [200, 200, 429, 429, 429])
        clock.advance('1m')
        assert.deepEqual(await statuses(send, 3), [200, 200, 429])
      })
    },
  },
  {
    name: 'lets a request pass that comes after the time it was told',
    run: async (subject) => {
      const { store, clock } = stillStore()
      await withApp(subject, oneRoute([{ limit: '1/min', store }]), async (send) => {
        await send()
        clock.advance('20s')
        const denied = await send()
        assert.equal(denied.headers.get('retry-after'), '40')
        clock.advance('40s')
        assert.equal((await send()).status, 200)
      })
    },
  },
  {
    name: 'counts a HEAD request like a GET, and denies it without a body',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour' }]), async (send) => {
        assert.equal((await send('/', { method: 'HEAD' })).status, 200)
        const denied = await send('/', { method: 'HEAD' })
        assert.equal(denied.status, 429)
        assert.equal(denied.body, '')
      }),
  },
  {
    name: 'counts an OPTIONS request where it is not skipped',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour' }]), async (send) => {
        await send('/', { method: 'OPTIONS' })
        assert.equal((await send()).status, 429)
      }),
  },
  {
    name: 'streams the response of a request that passes',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour' }], { pieces: ['a', 'b', 'c'] }), async (send) => {
        const { body, headers } = await send()
        assert.equal(body, 'abc')
        assert.notEqual(headers.get('ratelimit'), null)
      }),
  },
  {
    name: 'keeps the status of the handler',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour' }], { status: 404 }), async (send) => {
        assert.deepEqual(await statuses(send, 2), [404, 429])
      }),
  },
  {
    name: 'spends for a request whose handler throws',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour' }], { throws: true }), async (send) => {
        assert.deepEqual(await statuses(send, 2), [500, 429])
      }),
  },
  {
    name: 'denies requests with a body without breaking the connection for the next',
    run: (subject) => {
      const routes = [{ pattern: '/', method: 'POST', limits: [{ limit: '1/hour' }] } as const]
      return withApp(subject, { routes }, async (send) => {
        const request = { method: 'POST', body: 'x'.repeat(10_000) }
        assert.deepEqual(await statuses(send, 3, '/', request), [200, 429, 429])
      })
    },
  },
  {
    name: 'lets all requests pass while it is switched off, and reads the switch with each',
    run: async (subject) => {
      let enabled: string | boolean = 'false'
      await withApp(subject, oneRoute([{ limit: '1/hour', enabled: () => enabled }]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 200])
        assert.equal((await send()).headers.get('ratelimit'), null)
        enabled = true
        assert.deepEqual(await statuses(send, 2), [200, 429])
      })
    },
  },
]
