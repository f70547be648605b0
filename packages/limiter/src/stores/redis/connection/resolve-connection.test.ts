import { describe, expect, it } from 'vitest'
import { HeadgateError } from '../../../core/errors.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import { resolveConnection } from './resolve-connection.ts'

const readable: readonly (readonly [string, RedisConnectionOptions])[] = [
  ['redis://localhost', { host: 'localhost' }],
  ['redis://localhost:6380/', { host: 'localhost', port: 6380 }],
  ['redis://10.0.0.1:6379/15', { host: '10.0.0.1', port: 6379, db: 15 }],
  ['redis://[2001:db8::1]:6379/2', { host: '2001:db8::1', port: 6379, db: 2 }],
  ['redis://:s3cret@h', { host: 'h', password: 's3cret' }],
  ['redis://alice:s3cret@h', { host: 'h', username: 'alice', password: 's3cret' }],
  ['redis://alice@h', { host: 'h', username: 'alice' }],
  ['redis://al%3Aice:p%40%2F%3F%23%25@h/0', { host: 'h', username: 'al:ice', password: 'p@/?#%', db: 0 }],
  ['redis://u:a:b@h', { host: 'h', username: 'u', password: 'a:b' }],
  ['redis://h?connections=4', { host: 'h', connections: 4 }],
  ['redis://h?db=3', { host: 'h', db: 3 }],
  ['redis://:12345@h', { host: 'h', password: '12345' }],
  ['rediss://h:6380', { host: 'h', port: 6380, tls: {} }],
  ['redis+cluster://a:1,b', { nodes: [{ host: 'a', port: 1 }, { host: 'b' }] }],
  [
    'rediss+cluster://u:p@a:1,[::1]:2/',
    {
      nodes: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
      ],
      username: 'u',
      password: 'p',
      tls: {},
    },
  ],
  ['redis+cluster://a/0', { nodes: [{ host: 'a' }], db: 0 }],
  [
    'redis+sentinel://u:p@s1:26379,s2/mymaster/3',
    {
      sentinels: [{ host: 's1', port: 26379 }, { host: 's2' }],
      name: 'mymaster',
      db: 3,
      username: 'u',
      password: 'p',
    },
  ],
  ['redis+sentinel://s1/my%20master', { sentinels: [{ host: 's1' }], name: 'my master' }],
  [
    'rediss+sentinel://s1/m?sentinelUsername=a&sentinelPassword=b%26c',
    { sentinels: [{ host: 's1' }], name: 'm', sentinelUsername: 'a', sentinelPassword: 'b&c', tls: {} },
  ],
  [
    'redis+sentinel://s1/m?sentinelPassword=xy+zq%3D',
    { sentinels: [{ host: 's1' }], name: 'm', sentinelPassword: 'xy+zq=' },
  ],
  ['unix:///run/redis.sock', { path: '/run/redis.sock' }],
  [
    'redis+unix://u:p@/run/redis%20a.sock?db=1',
    { path: '/run/redis a.sock', db: 1, username: 'u', password: 'p' },
  ],
]

const unreadable: readonly (readonly [string, string])[] = [
  ['', '""'],
  ['localhost:6379', '"localhost:6379"'],
  ['http://u:s3cret@h', '"http://***@h"'],
  ['redis:s3cret@h', '"***@h"'],
  ['redis://', '"redis://"'],
  ['redis://:6379', '"redis://:6379"'],
  ['redis://u:s3cret', '"redis://u:***"'],
  ['redis://u:s3cret/0', '"redis://u:***/0"'],
  ['redis://u:s3cret@', '"redis://***@"'],
  ['redis://u:s3@cret@h', '"redis://***@h"'],
  ['redis://u:s3/cret@h', '"redis://***@h"'],
  ['redis://u:s3?cret@h', '"redis://***@h"'],
  ['redis://u:s3#cret@h', '"redis://***@h"'],
  ['redis://u:s3cret%zz@h', '"redis://***@h"'],
  ['redis://u:s3cret@ho st', '"redis://***@ho st"'],
  ['redis://u:s3cret@h:0', '"redis://***@h:0"'],
  ['redis://u:s3cret@h:99999', '"redis://***@h:99999"'],
  ['redis://u:s3cret@h:6379/main', '"redis://***@h:6379/main"'],
  ['redis://u:s3cret@h/1.5', '"redis://***@h/1.5"'],
  ['redis://u:s3cret@h/-1', '"redis://***@h/-1"'],
  ['redis://u:s3cret@h/0/1', '"redis://***@h/0/1"'],
  ['redis://a,b', '"redis://a,b"'],
  ['redis://h?pasword=s3cret', '"redis://h"'],
  ['redis://h?connections=0', '"redis://h"'],
  ['redis://h?host=s3cret', '"redis://h"'],
  ['redis://h?nodes=s3cret', '"redis://h"'],
  ['redis://h?__proto__=s3cret', '"redis://h"'],
  ['redis://h#s3cret', '"redis://h"'],
  ['redis+cluster://u:s3cret@a:1,b:2/3', '"redis+cluster://***@a:1,b:2/3"'],
  ['redis+cluster://a,', '"redis+cluster://a,"'],
  ['redis+cluster:///0', '"redis+cluster:///0"'],
  ['redis+cluster://u:s3cret@a:1,c:s3cret@b:2', '"redis+cluster://***@b:2"'],
  ['redis+sentinel://u:s3cret@s1:26379', '"redis+sentinel://***@s1:26379"'],
  ['redis+sentinel://s1/m/one', '"redis+sentinel://s1/m/one"'],
  ['redis+sentinel://s1/m/1/2', '"redis+sentinel://s1/m/1/2"'],
  ['redis+tls://u:s3cret@h', '"redis+tls://***@h"'],
  ['unix://run/redis.sock', '"unix://run/redis.sock"'],
  ['unix:///run/redis.sock?db=one', '"unix:///run/redis.sock"'],
  ['unix:///', '"unix:///"'],
]

describe('a URL', () => {
  it.each(readable)('%s is read', (url, options) => {
    expect(resolveConnection(url)).toEqual(options)
  })

  it.each(unreadable)('%s is refused, and shown as %s', (url, shown) => {
    const error = refusal(url)
    expect(error.message).toContain(`redisStore: ${shown} is not a Redis URL; write redis://`)
    expect(String(error.cause) + error.stack).not.toContain('s3cret')
  })
})

const wrong: readonly (readonly [object | null, string])[] = [
  [null, 'redisStore: null is not an object'],
  [[], 'redisStore: an array is not an object'],
  [{}, 'redisStore: the options do not name one Redis; give a client, a URL, or one of host'],
  [{ port: 6379 }, 'the options do not name one Redis'],
  [{ host: 'h', path: '/p' }, 'the options do not name one Redis'],
  [{ url: 'redis://h', nodes: [{ host: 'h' }] }, 'the options do not name one Redis'],
  [{ sentinels: [{ host: 's' }] }, 'the options do not name one Redis'],
  [{ host: 'h', name: 'm' }, 'the options do not name one Redis'],
  [{ nodes: [{ host: 'h' }], db: 1 }, 'the options do not name one Redis'],
  [{ hots: 'h' }, 'redisStore: unknown field "hots" (did you mean "host"?)'],
  [{ host: 5 }, 'redisStore.host: 5 is not valid; use a string that is not empty'],
  [{ host: 'h', port: '6379' }, 'redisStore.port: "6379" is not valid; use a whole number from 1 to 65535'],
  [{ host: 'h', db: -1 }, 'redisStore.db: -1 is not valid; use a whole number from 0'],
  [{ host: 'h', tls: true }, 'redisStore.tls: true is not valid; use an object'],
  [{ host: 'h', connections: 0 }, 'redisStore.connections: 0 is not valid; use'],
  [{ host: 'h', connections: 1.5 }, 'redisStore.connections: 1.5 is not valid; use'],
  [{ nodes: ['h'] }, 'redisStore.nodes: an array is not valid; use a list such as [{ host'],
  [{ nodes: [] }, 'redisStore.nodes: an array is not valid; use a list such as [{ host'],
  [
    { nodes: [{ host: 'h', port: 0 }] },
    'redisStore.nodes: an array is not valid; use a list such as [{ host',
  ],
  [{ host: 'h', password: 12345 }, 'redisStore.password: the value is not valid; use'],
  [{ url: 5 }, 'redisStore: "5" is not a Redis URL'],
]

describe('options', () => {
  it('add to a URL, or replace what it says', () => {
    const password = (): string => 'new'
    const url = 'rediss://alice:old@h:6380/1'
    expect(resolveConnection({ url, password, db: 2, connections: 3, tls: { ca: 'pem' } })).toEqual({
      host: 'h',
      port: 6380,
      username: 'alice',
      password,
      db: 2,
      connections: 3,
      tls: { ca: 'pem' },
    })
  })

  it('count as not given when they are undefined', () => {
    expect(resolveConnection({ url: 'redis://a@h', username: undefined } as never)).toEqual({
      host: 'h',
      username: 'a',
    })
  })

  it.each(wrong)('%j are refused: %s', (options, message) => {
    expect(refusal(options as never).message).toContain(message)
  })
})

function refusal(given: string | RedisConnectionOptions): HeadgateError {
  try {
    resolveConnection(given)
  } catch (error) {
    if (HeadgateError.is(error)) return error
    throw error
  }
  throw new Error('it was taken')
}
