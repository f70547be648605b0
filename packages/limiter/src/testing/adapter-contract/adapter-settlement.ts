import assert from 'node:assert/strict'
import type { Outcome } from '../../middleware/exchange.ts'
import type { AdapterCase, RouteUnderTest } from './adapter-subject.ts'
import { collected, eventually, oneRoute, statuses, withApp } from './with-app.ts'

export const settlementCases: readonly AdapterCase[] = [
  {
    name: 'gives back what successful requests spent with skipSuccessful',
    run: (subject) => {
      const limits = [{ limit: '1/hour', skipSuccessful: true, key: 'global' }]
      const routes: RouteUnderTest[] = [{ pattern: '/good' }, { pattern: '/bad', reply: { status: 401 } }]
      return withApp(subject, { limits, routes }, async (send) => {
        for (let i = 0; i < 3; i++)
          await eventually(async () => assert.equal((await send('/good')).status, 200))
        await eventually(async () => assert.equal((await send('/bad')).status, 401))
        assert.deepEqual(await statuses(send, 2, '/bad'), [429, 429])
      })
    },
  },
  {
    name: 'gives back what failed requests spent with skipFailed, thrown errors too',
    run: async (subject) => {
      for (const reply of [{ status: 500 }, { throws: true }]) {
        await withApp(subject, oneRoute([{ limit: '1/hour', skipFailed: true }], reply), async (send) => {
          for (let i = 0; i < 3; i++) await eventually(async () => assert.equal((await send()).status, 500))
        })
      }
    },
  },
  {
    name: 'asks isSuccessful what success is',
    run: (subject) => {
      const isSuccessful = async ({ status }: Outcome): Promise<boolean> => status === 404
      const limits = [{ limit: '1/hour', skipSuccessful: true, isSuccessful }]
      return withApp(subject, oneRoute(limits, { status: 404 }), async (send) => {
        for (let i = 0; i < 3; i++) await eventually(async () => assert.equal((await send()).status, 404))
      })
    },
  },
  {
    name: 'settles at the actual cost: less is given back, more is spent',
    run: async (subject) => {
      const charging = (actual: number) => [{ limit: '10/hour', cost: 5, charge: () => actual }]
      await withApp(subject, oneRoute(charging(1)), async (send) => {
        for (let i = 0; i < 6; i++) await eventually(async () => assert.equal((await send()).status, 200))
        await eventually(async () => assert.equal((await send()).status, 429))
      })
      await withApp(subject, oneRoute(charging(40)), async (send) => {
        assert.equal((await send()).status, 200)
        await eventually(async () => assert.equal((await send()).status, 429))
      })
    },
  },
  {
    name: 'tells charge the status, the bytes and the time of the response',
    run: async (subject) => {
      const outcomes: Outcome[] = []
      const charge = async (outcome: Outcome): Promise<number> => {
        outcomes.push(outcome)
        return 1
      }
      const limits = [{ limit: '10/hour', charge }]
      await withApp(subject, oneRoute(limits, { status: 201, pieces: ['12345', '67890'] }), async (send) => {
        await send()
        await collected(outcomes, 1)
        const [{ durationMs, ...end }] = outcomes as [Outcome]
        assert.deepEqual(end, { status: 201, aborted: false, bytes: 10 })
        assert.ok(durationMs >= 0)
      })
    },
  },
  {
    name: 'settles a response to HEAD, which has no bytes',
    run: async (subject) => {
      const outcomes: Outcome[] = []
      const charge = (outcome: Outcome): number => outcomes.push(outcome)
      const app = oneRoute([{ limit: '10/hour', charge }], { pieces: ['12345'] })
      await withApp(subject, app, async (send) => {
        await send('/', { method: 'HEAD' })
        await collected(outcomes, 1)
        const [{ durationMs: _, ...end }] = outcomes as [Outcome]
        assert.deepEqual(end, { status: 200, aborted: false, bytes: 0 })
      })
    },
  },
  {
    name: 'settles when the client goes away in the middle of a stream',
    run: async (subject) => {
      const outcomes: Outcome[] = []
      const charge = (outcome: Outcome): number => outcomes.push(outcome)
      const app = oneRoute([{ limit: '10/hour', charge }], { pieces: ['first'], hangs: true })
      await withApp(subject, app, async (_send, url) => {
        const abort = new AbortController()
        const response = await fetch(url, { signal: abort.signal })
        await response.body?.getReader().read()
        abort.abort()
        await collected(outcomes, 1)
        assert.equal(outcomes[0]?.aborted, true)
      })
    },
  },
  {
    name: 'keeps the estimate where charge fails',
    run: (subject) => {
      const charge = (): number => {
        throw new Error('not counted')
      }
      return withApp(subject, oneRoute([{ limit: '2/hour', cost: 2, charge }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
      })
    },
  },
  {
    name: 'has requests wait for their turn with slowDown, and denies those that cannot have one',
    run: (subject) =>
      withApp(
        subject,
        oneRoute([{ limit: '1/50ms', slowDown: '10s' }, { limit: '9/hour' }]),
        async (send) => {
          const all = await Promise.all(Array.from({ length: 5 }, () => send()))
          assert.deepEqual(
            all.map(({ status }) => status),
            [200, 200, 200, 200, 200],
          )
        },
      ).then(() =>
        withApp(subject, oneRoute([{ limit: '1/hour', slowDown: '50ms' }]), async (send) => {
          assert.deepEqual(await statuses(send, 2), [200, 429])
        }),
      ),
  },
]
