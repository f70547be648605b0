import assert from 'node:assert/strict'
import type { AdapterCase } from './adapter-subject.ts'
import { oneRoute, statuses, withApp } from './with-app.ts'

const cost = (units: string): [string, RequestInit] => ['/', { headers: { 'x-cost': units } }]

export const costCases: readonly AdapterCase[] = [
  {
    name: 'spends the cost of a request',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '5/hour', cost: 2 }]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 429])
      }),
  },
  {
    name: 'spends a computed cost, sync or async',
    run: async (subject) => {
      const sync = (request: unknown): number => Number(subject.header(request, 'x-cost'))
      for (const cost of [sync, async (request: unknown): Promise<number> => sync(request)]) {
        await withApp(subject, oneRoute([{ limit: '10/hour', cost }]), async (send) => {
          assert.equal((await send('/', { headers: { 'x-cost': '7' } })).status, 200)
          assert.equal((await send('/', { headers: { 'x-cost': '4' } })).status, 429)
          assert.equal((await send('/', { headers: { 'x-cost': '3' } })).status, 200)
        })
      }
    },
  },
  {
    name: 'does not pass a request whose cost is no whole number',
    run: (subject) => {
      const limits = [
        { limit: '10/hour', cost: (request: unknown) => Number(subject.header(request, 'x-cost')) },
      ]
      return withApp(subject, oneRoute(limits), async (send) => {
        for (const wrong of ['-1', '0.5', 'NaN', '1e21'])
          assert.equal((await send(...cost(wrong))).status, 500)
        assert.equal((await send(...cost('10'))).status, 200)
      })
    },
  },
  {
    name: 'tells no wait to a request that costs more than the limit',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '5/hour', cost: 6 }]), async (send) => {
        const denied = await send()
        assert.equal(denied.status, 429)
        assert.equal(denied.headers.get('retry-after'), null)
      }),
  },
  {
    name: 'takes the limit of a request from a function, sync or async',
    run: async (subject) => {
      const sync = (request: unknown): string => `${subject.header(request, 'x-plan')}/hour`
      for (const limit of [sync, async (request: unknown): Promise<string> => sync(request)]) {
        await withApp(subject, oneRoute([{ limit }]), async (send) => {
          const plan = (units: string): [string, RequestInit] => ['/', { headers: { 'x-plan': units } }]
          assert.deepEqual(await statuses(send, 2, ...plan('1')), [200, 429])
          assert.deepEqual(await statuses(send, 2, ...plan('2')), [200, 429])
        })
      }
    },
  },
  {
    name: 'takes several rates from a function, and a number beside a window',
    run: async (subject) => {
      for (const options of [{ limit: () => ['1/hour', '9/day'] }, { limit: () => 1, window: '1h' }]) {
        await withApp(subject, oneRoute([options]), async (send) => {
          assert.deepEqual(await statuses(send, 2), [200, 429])
        })
      }
    },
  },
  {
    name: 'does not pass a request whose limit function throws, rejects or returns no rate',
    run: async (subject) => {
      const throws = (): string => {
        throw new Error('no plan')
      }
      const rejects = async (): Promise<string> => Promise.reject(new Error('no plan'))
      for (const limit of [throws, rejects, () => 'a lot', () => undefined as never]) {
        await withApp(subject, oneRoute([{ limit }]), async (send) => {
          assert.equal((await send()).status, 500)
        })
      }
    },
  },
  {
    name: 'denies a sixth window at one key, and tells when there is room',
    run: (subject) => {
      let window = 3600
      return withApp(subject, oneRoute([{ limit: () => `9/${window++}s` }]), async (send) => {
        assert.deepEqual(await statuses(send, 6), [200, 200, 200, 200, 200, 429])
        const denied = await send()
        assert.match(denied.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      })
    },
  },
  {
    name: 'skips requests, sync or async, without spending',
    run: async (subject) => {
      const sync = (request: unknown): boolean => subject.header(request, 'x-internal') === 'yes'
      for (const skip of [sync, async (request: unknown): Promise<boolean> => sync(request)]) {
        await withApp(subject, oneRoute([{ limit: '1/hour', skip }]), async (send) => {
          const internal = ['/', { headers: { 'x-internal': 'yes' } }] as const
          assert.deepEqual(await statuses(send, 3, ...internal), [200, 200, 200])
          assert.equal((await send(...internal)).headers.get('ratelimit'), null)
          assert.deepEqual(await statuses(send, 2), [200, 429])
        })
      }
    },
  },
  {
    name: 'does not pass a request whose skip function throws',
    run: (subject) => {
      const skip = (): boolean => {
        throw new Error('no session')
      }
      return withApp(subject, oneRoute([{ limit: '1/hour', skip }]), async (send) => {
        assert.equal((await send()).status, 500)
      })
    },
  },
]
