import assert from 'node:assert/strict'
import type { DecisionContext } from '../../middleware/rate-limit-options.ts'
import type { AdapterCase } from './adapter-subject.ts'
import { oneRoute, statuses, withApp } from './with-app.ts'

export const denialCases: readonly AdapterCase[] = [
  {
    name: 'denies with a problem document that no cache keeps',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour' }]), async (send) => {
        await send()
        const { headers, body } = await send()
        assert.equal(headers.get('content-type'), 'application/problem+json')
        assert.equal(headers.get('cache-control'), 'no-store')
        const problem = JSON.parse(body)
        assert.equal(problem.type, 'https://iana.org/assignments/http-problem-types#quota-exceeded')
        assert.deepEqual(problem['violated-policies'], ['default/1h'])
      }),
  },
  {
    name: 'denies with a JSON envelope or a line of text where asked',
    run: async (subject) => {
      await withApp(subject, oneRoute([{ limit: '1/hour', response: 'json' }]), async (send) => {
        await send()
        assert.equal(JSON.parse((await send()).body).error.code, 'limited')
      })
      await withApp(subject, oneRoute([{ limit: '1/hour', response: 'text' }]), async (send) => {
        await send()
        const { headers, body } = await send()
        assert.match(headers.get('content-type') ?? '', /^text\/plain/)
        assert.match(body, /^Too many requests/)
      })
    },
  },
  {
    name: 'denies with a response of the application, a constant or a function, sync or async',
    run: async (subject) => {
      const own = { status: 503, headers: { 'X-Reason': 'busy' }, body: { message: 'later' } }
      for (const response of [own, () => own, async () => own]) {
        await withApp(subject, oneRoute([{ limit: '1/hour', response }]), async (send) => {
          await send()
          const { status, headers, body } = await send()
          assert.equal(status, 503)
          assert.equal(headers.get('x-reason'), 'busy')
          assert.match(headers.get('content-type') ?? '', /^application\/json/)
          assert.match(headers.get('retry-after') ?? '', /^\d+$/)
          assert.deepEqual(JSON.parse(body), { message: 'later' })
        })
      }
    },
  },
  {
    name: 'tells the response function the decision and the request',
    run: (subject) => {
      const response = (
        decision: { retryAfterMs: number | null },
        { request }: DecisionContext<unknown>,
      ) => ({
        body: `${subject.header(request, 'x-user')} waits ${Math.round((decision.retryAfterMs ?? 0) / 3_600_000)} h`,
      })
      return withApp(subject, oneRoute([{ limit: '1/hour', response }]), async (send) => {
        await send()
        assert.equal((await send('/', { headers: { 'x-user': 'alice' } })).body, 'alice waits 1 h')
      })
    },
  },
  {
    name: 'does not pass a denied request whose response function throws or returns none',
    run: async (subject) => {
      const throws = (): never => {
        throw new Error('no template')
      }
      for (const response of [throws, () => undefined as never, () => ({ status: 99 })]) {
        await withApp(subject, oneRoute([{ limit: '1/hour', response }]), async (send) => {
          assert.deepEqual(await statuses(send, 2), [200, 500])
        })
      }
    },
  },
  {
    name: 'tells callbacks of decisions and denials, and lets them set header fields',
    run: async (subject) => {
      const heard: string[] = []
      const options = {
        limit: '1/hour',
        onDecision: (decision: { allowed: boolean }, { setHeader }: DecisionContext<unknown>) => {
          heard.push(`decision ${decision.allowed}`)
          setHeader('x-decided', String(decision.allowed))
        },
        onLimited: (_: unknown, { setHeader }: DecisionContext<unknown>) => {
          heard.push('limited')
          setHeader('x-limited', 'yes')
        },
      }
      await withApp(subject, oneRoute([options]), async (send) => {
        const first = await send()
        assert.equal(first.headers.get('x-decided'), 'true')
        const denied = await send()
        assert.equal(denied.headers.get('x-decided'), 'false')
        assert.equal(denied.headers.get('x-limited'), 'yes')
        assert.deepEqual(heard, ['decision true', 'decision false', 'limited'])
      })
    },
  },
  {
    name: 'answers as decided where callbacks throw or reject',
    run: (subject) => {
      const onDecision = (): never => {
        throw new Error('a callback of this test throws')
      }
      const onLimited = async (): Promise<never> =>
        Promise.reject(new Error('a callback of this test rejects'))
      return withApp(subject, oneRoute([{ limit: '1/hour', onDecision, onLimited }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
      })
    },
  },
  {
    name: 'tells of denials in shadow, and denies none',
    run: async (subject) => {
      const heard: unknown[] = []
      const onShadowDenied = (decision: { shadow: readonly { rule: string }[] }): void => {
        heard.push(decision.shadow.map(({ rule }) => rule))
      }
      const options = { limit: '9/hour', shadow: { limit: '1/hour' }, onShadowDenied }
      await withApp(subject, oneRoute([options]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 200])
        assert.deepEqual(heard, [['1h~shadow'], ['1h~shadow']])
      })
    },
  },
  {
    name: 'bans who keeps coming',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/s', ban: ['1h'] }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
        assert.match((await send()).headers.get('retry-after') ?? '', /^3[56]\d\d$/)
      }),
  },
  {
    name: 'does not pass a denied request whose response cannot be sent, and lives on',
    run: (subject) => {
      const response = () => ({ headers: { 'x-user': 'zo\u2603' } })
      return withApp(subject, oneRoute([{ limit: '1/hour', response }]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 500, 500])
      })
    },
  },
  {
    name: 'answers as decided where a callback sets a header field that cannot be sent',
    run: (subject) => {
      const onDecision = (_: unknown, { setHeader }: DecisionContext<unknown>): void =>
        setHeader('x-user', 'a\nb')
      return withApp(subject, oneRoute([{ limit: '1/hour', onDecision }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
        assert.equal((await send()).headers.get('x-user'), null)
      })
    },
  },
]
