import assert from 'node:assert/strict'
import { byApiKey } from '../../http/identity-keys.ts'
import type { AdapterCase, AdapterSubject } from './adapter-subject.ts'
import { oneRoute, statuses, withApp } from './with-app.ts'

const as = (user: string): [string, RequestInit] => ['/', { headers: { 'x-user': user } }]
const from = (address: string): [string, RequestInit] => ['/', { headers: { 'x-forwarded-for': address } }]

/** A key function for every framework: it reads a header field of whatever the request is. */
const byUser =
  (subject: AdapterSubject) =>
  (request: unknown): string | undefined =>
    subject.header(request, 'x-user')

export const keyCases: readonly AdapterCase[] = [
  {
    name: 'gives each value of a key function a budget',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour', key: byUser(subject) }]), async (send) => {
        assert.deepEqual(await statuses(send, 2, ...as('alice')), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...as('bob')), [200, 429])
      }),
  },
  {
    name: 'awaits a key function that is async',
    run: (subject) => {
      const key = async (request: unknown): Promise<string | undefined> => byUser(subject)(request)
      return withApp(subject, oneRoute([{ limit: '1/hour', key }]), async (send) => {
        assert.deepEqual(await statuses(send, 2, ...as('alice')), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...as('bob')), [200, 429])
      })
    },
  },
  {
    name: 'takes whole numbers as keys',
    run: (subject) => {
      const key = (request: unknown): number => Number(byUser(subject)(request))
      return withApp(subject, oneRoute([{ limit: '1/hour', key }]), async (send) => {
        assert.deepEqual(await statuses(send, 2, ...as('7')), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...as('8')), [200, 429])
      })
    },
  },
  {
    name: 'counts a request without a key by its address, apart from the keys',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour', key: byUser(subject) }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...as('127.0.0.1')), [200, 429])
      }),
  },
  {
    name: 'does not pass a request whose key function throws',
    run: (subject) => {
      const key = (): string => {
        throw new Error('no session')
      }
      return withApp(subject, oneRoute([{ limit: '1/hour', key }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [500, 500])
      })
    },
  },
  {
    name: 'does not pass a request whose key function rejects',
    run: (subject) => {
      const key = async (): Promise<string> => Promise.reject(new Error('no session'))
      return withApp(subject, oneRoute([{ limit: '1/hour', key }]), async (send) => {
        assert.equal((await send()).status, 500)
      })
    },
  },
  {
    name: 'answers 400 to a request whose key is no text, as that of a parameter sent twice',
    run: async (subject) => {
      for (const value of [['alice', 'alice'], { $gt: '' }, true, 0.5]) {
        const key = (): string => value as never
        await withApp(subject, oneRoute([{ limit: '1/hour', key }]), async (send) => {
          assert.equal((await send()).status, 400)
        })
      }
    },
  },
  {
    name: 'has one budget for everybody with the key global',
    run: (subject) =>
      withApp(
        subject,
        oneRoute([{ limit: '1/hour', key: 'global', trustedProxies: ['127.0.0.0/8', '::1'] }]),
        async (send) => {
          assert.equal((await send(...from('203.0.113.1'))).status, 200)
          assert.equal((await send(...from('203.0.113.2'))).status, 429)
        },
      ),
  },
  {
    name: 'ignores forwarded addresses of a peer that is no trusted proxy',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour' }]), async (send) => {
        assert.equal((await send(...from('203.0.113.1'))).status, 200)
        assert.equal((await send(...from('203.0.113.2'))).status, 429)
      }),
  },
  {
    name: 'counts by the forwarded address behind a trusted proxy',
    run: (subject) => {
      const limits = [{ limit: '1/hour', trustedProxies: ['127.0.0.0/8', '::1'] }]
      return withApp(subject, oneRoute(limits), async (send) => {
        assert.deepEqual(await statuses(send, 2, ...from('203.0.113.1')), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...from('203.0.113.2')), [200, 429])
        assert.equal((await send(...from('198.51.100.9, 203.0.113.2'))).status, 429)
      })
    },
  },
  {
    name: 'answers 400 where a trusted proxy does not know the client',
    run: (subject) => {
      const limits = [{ limit: '1/hour', trustedProxies: ['127.0.0.0/8', '::1'] }]
      return withApp(subject, oneRoute(limits), async (send) => {
        const refused = await send(...from('unknown'))
        assert.equal(refused.status, 400)
        assert.equal(refused.headers.get('content-type'), 'application/problem+json')
      })
    },
  },
  {
    name: 'gives each method a budget by attributes',
    run: (subject) =>
      withApp(subject, oneRoute([{ limit: '1/hour', key: ['ip', 'method'] }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
        assert.equal((await send('/', { method: 'OPTIONS' })).status !== 429, true)
      }),
  },
  {
    name: 'knows the host that a request is for',
    run: (subject) => {
      const policies = [{ name: 'hosts', key: 'host', missing: 'skip', rules: ['1/hour'] } as const]
      return withApp(subject, oneRoute([{ policies }]), async (send) => {
        assert.deepEqual(await statuses(send, 2), [200, 429])
      })
    },
  },
  {
    name: 'passes own attributes to policies',
    run: (subject) => {
      const attributes = (request: unknown): { user: string } => ({ user: byUser(subject)(request) ?? '' })
      const policies = [{ name: 'users', key: 'user', rules: ['1/hour'] }]
      return withApp(subject, oneRoute([{ policies, attributes }]), async (send) => {
        assert.deepEqual(await statuses(send, 2, ...as('alice')), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...as('bob')), [200, 429])
      })
    },
  },
  {
    name: 'matches policies by method and path',
    run: (subject) => {
      const policies = [{ name: 'a', key: 'ip', match: { path: '/a/**', method: 'GET' }, rules: ['1/hour'] }]
      const app = { limits: [{ policies }], routes: [{ pattern: '/a/b' }, { pattern: '/c' }] }
      return withApp(subject, app, async (send) => {
        assert.deepEqual(await statuses(send, 2, '/a/b?x=1'), [200, 429])
        assert.deepEqual(await statuses(send, 2, '/c'), [200, 200])
      })
    },
  },
  {
    name: 'refuses who is on the list deny, and always passes who is on allow',
    run: async (subject) => {
      const deny = { ip: ['127.0.0.0/8', '::1'] }
      await withApp(subject, oneRoute([{ limit: '9/hour', deny }]), async (send) => {
        assert.equal((await send()).status, 429)
      })
      await withApp(subject, oneRoute([{ limit: '1/hour', allow: deny }]), async (send) => {
        assert.deepEqual(await statuses(send, 3), [200, 200, 200])
      })
    },
  },
  {
    name: 'reads keys from header fields, and answers 400 to two values',
    run: (subject) => {
      const limits = [{ limit: '1/hour', key: byApiKey() }]
      const keyed = (key: string): [string, RequestInit] => ['/', { headers: { 'x-api-key': key } }]
      return withApp(subject, oneRoute(limits), async (send) => {
        assert.deepEqual(await statuses(send, 2, ...keyed('k1')), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...keyed('k2')), [200, 429])
        assert.equal((await send(...keyed('k1, k2'))).status, 400)
        assert.deepEqual(await statuses(send, 2), [200, 429])
      })
    },
  },
  {
    name: 'counts all addresses of one network of IPv6 as one client',
    run: async (subject) => {
      const trusted = { limit: '1/hour', trustedProxies: ['127.0.0.0/8', '::1'] }
      await withApp(subject, oneRoute([trusted]), async (send) => {
        assert.equal((await send(...from('2001:db8:1:200::1'))).status, 200)
        assert.equal((await send(...from('2001:db8:1:2ff:1234::9'))).status, 429)
        assert.equal((await send(...from('2001:db8:1:300::1'))).status, 200)
      })
      await withApp(subject, oneRoute([{ ...trusted, ipv6Prefix: 64 }]), async (send) => {
        assert.equal((await send(...from('2001:db8:1:200::1'))).status, 200)
        assert.equal((await send(...from('2001:db8:1:2ff::1'))).status, 200)
      })
    },
  },
  {
    name: 'reads the one header field that the proxies write',
    run: (subject) => {
      const limits = [
        { limit: '1/hour', trustedProxies: ['127.0.0.0/8', '::1'], addressHeader: 'cf-connecting-ip' },
      ]
      const by = (address: string): [string, RequestInit] => [
        '/',
        { headers: { 'cf-connecting-ip': address, 'x-forwarded-for': '198.51.100.7' } },
      ]
      return withApp(subject, oneRoute(limits), async (send) => {
        assert.deepEqual(await statuses(send, 2, ...by('203.0.113.1')), [200, 429])
        assert.deepEqual(await statuses(send, 2, ...by('203.0.113.2')), [200, 429])
      })
    },
  },
  {
    name: 'takes all spellings of a path for one that the router does',
    run: (subject) => {
      const spellings = ['/A/b', '/a/B', '//a/b', '/%61/b', '/a/%62', '/a/b/', '/a/./b', '/x/../a/b']
      const policies = [{ name: 'a', key: ['ip', 'path'], match: { path: '/a/b' }, rules: ['1/hour'] }]
      const app = { limits: [{ policies }], routes: [{ pattern: '/a/b' }] }
      return withApp(subject, app, async (send) => {
        assert.equal((await send('/a/b')).status, 200)
        for (const spelling of spellings) assert.notEqual((await send(spelling)).status, 200, spelling)
      })
    },
  },
]
