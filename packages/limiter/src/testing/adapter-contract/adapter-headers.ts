import assert from 'node:assert/strict'
import type { AdapterCase } from './adapter-subject.ts'
import { oneRoute, stillStore, withApp } from './with-app.ts'

export const headerCases: readonly AdapterCase[] = [
  {
    name: 'tells of the limit by draft-11 unless asked otherwise, also when it denies',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '2/min', store: stillStore().store }]), async (send) => {
        const first = await send()
        assert.equal(first.headers.get('ratelimit-policy'), '"default/1m";q=2;w=60')
        assert.equal(first.headers.get('ratelimit'), '"default/1m";r=1;t=60')
        assert.equal(first.headers.get('retry-after'), null)
        await send()
        const denied = await send()
        assert.equal(denied.headers.get('ratelimit'), '"default/1m";r=0;t=60')
        assert.equal(denied.headers.get('retry-after'), '60')
      }),
  },
  {
    name: 'names the limit in its header fields',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '2/min', name: 'api', prefix: 'shop' }]), async (send) => {
        const { headers } = await send()
        assert.equal(headers.get('ratelimit-policy'), '"shop/api/1m";q=2;w=60')
      }),
  },
  {
    name: 'tells a wait below a second as 1',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/s', store: stillStore().store }]), async (send) => {
        await send()
        assert.equal((await send()).headers.get('retry-after'), '1')
      }),
  },
  {
    name: 'adds header fields of policies, and answers by the response of the policy that denies',
    run: (subject) => {
      const policy = {
        name: 'api',
        key: 'ip',
        rules: ['1/hour'],
        headers: { 'x-plan': 'free' },
        response: { status: 420, body: 'enhance your calm' },
      }
      return withApp(subject, oneRoute([{ policies: [policy] }]), async (send) => {
        assert.equal((await send()).headers.get('x-plan'), 'free')
        const denied = await send()
        assert.equal(denied.status, 420)
        assert.equal(denied.body, 'enhance your calm')
        assert.equal(denied.headers.get('x-plan'), 'free')
      })
    },
  },
]
