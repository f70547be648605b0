import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { VIEWERS_MAX } from '../../src/service/observe/watchers.ts'
import { VERSION } from '../../src/service/version.ts'
import { type AdminServer, adminOf } from './admin-server.ts'

const FILE = `
policies:
  - { name: users, key: user, rules: [2/min] }
  - { name: shop, match: { domain: shop }, key: user, rules: [1/min] }
`
const TOKENS = `
tokens:
  - { name: all, hash: 'TOKEN(all)', scopes: [read] }
  - { name: shop, hash: 'TOKEN(shop)', scopes: [read], domains: [shop] }
  - { name: spender, hash: 'TOKEN(spender)', scopes: [consume] }
`

const WHILE_FILLING = { interval: 1, timeout: 20_000 }

function soon<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { interval: 2 })
}

interface Told {
  readonly event: string
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
  readonly data: any
}

interface Watching {
  readonly socket: Socket
  readonly head: () => string
  /** Events so far. */
  readonly told: () => Told[]
  /** Resolves once there are so many. */
  until(count: number): Promise<Told[]>
}

async function watch(admin: AdminServer, as?: string): Promise<Watching> {
  const socket = await admin.connect()
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => (text += chunk))
  const token = as === undefined ? '' : `authorization: Bearer ${admin.tokenOf(as)}\r\n`
  socket.write(`GET /v1/events HTTP/1.1\r\nhost: ${admin.host}\r\n${token}\r\n`)
  // The field by which a stream begins is sent with the head.
  await soon(() => text).toMatch(/retry: 2000|HTTP\/1.1 [45]/)
  const told = (): Told[] =>
    [...text.matchAll(/event: (\S+)\ndata: (.*)\n\n/g)].map(([, event = '', json = '']) => {
      return { event, data: JSON.parse(json) }
    })
  return {
    socket,
    head: () => text.slice(0, text.indexOf('\r\n\r\n')),
    told,
    until: async (count) => {
      await soon(() => told().length).toBeGreaterThanOrEqual(count)
      return told()
    },
  }
}

describe('GET /v1/events', () => {
  it('tells every second how things stand, and denials as they happen', async () => {
    await using admin = await adminOf(FILE)
    const watching = await watch(admin)
    expect(watching.head()).toMatch(/^HTTP\/1.1 200 OK/)
    expect(watching.head()).toContain('content-type: text/event-stream')
    expect(watching.head()).toContain('x-content-type-options: nosniff')
    expect(watching.head()).toContain('cache-control: no-store')
    for (let i = 0; i < 3; i++) await admin.at.consume({ user: 'alice' })
    const [denial] = await watching.until(1)
    expect(denial).toMatchObject({
      event: 'denial',
      data: { policy: 'users', keys: [{ policy: 'users', key: 'alice' }] },
    })
    admin.at.second()
    const [, snapshot] = await watching.until(2)
    expect(snapshot).toMatchObject({
      event: 'snapshot',
      data: {
        totalRequests: 3,
        denied: 1,
        policies: [{ policy: 'users', denied: 1, rules: [{ rule: '1m', denied: 1, shadowDenied: 0 }] }],
        store: { breaker: 'closed', available: true, lastError: null, lastErrorAt: null },
        isDraining: false,
        uptimeMs: 1000,
        version: VERSION,
        eventLoop: { p99Ms: expect.any(Number), maxMs: expect.any(Number) },
        top: { denied: { keys: [{ policy: 'users', key: 'alice', count: 1, error: 0, margin: 0 }] } },
        omitted: {},
      },
    })
  })

  it('tells of resets, blocks and configurations', async () => {
    await using admin = await adminOf(FILE)
    const watching = await watch(admin)
    await admin.service.block({ user: 'alice' }, '1m', { transport: 'admin', policy: 'users' })
    admin.at.apply(FILE.replace('2/min', '3/min'))
    const [change, configuration] = await watching.until(2)
    expect(change).toMatchObject({
      event: 'change',
      data: { action: 'block', policies: ['users'], keys: [{ policy: 'users', key: 'alice' }] },
    })
    expect(configuration).toMatchObject({ event: 'configuration', data: { isNew: true } })
  })

  it('omits what is too much for a second, and says how much that was', async () => {
    await using admin = await adminOf(FILE)
    const watching = await watch(admin)
    for (let i = 0; i < 52; i++) await admin.at.consume({ user: 'alice' })
    admin.at.second()
    await watching.until(21)
    await admin.at.consume({ user: 'alice' })
    admin.at.second()
    const told = await watching.until(23)
    expect(told.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 20 }, () => 'denial'),
      'snapshot',
      'denial',
      'snapshot',
    ])
    expect([told[20]?.data.omitted, told[22]?.data.omitted]).toEqual([{ denial: 30 }, {}])
  })

  it('has snapshots of at most 20 KB, whatever clients send', async () => {
    const policies = Array.from({ length: 200 }, (_, i) => {
      return `- { name: ${'p'.repeat(55)}-${i}, key: user, match: { group: "${i}" }, rules: [1/min] }`
    })
    await using admin = await adminOf(`policies:\n${policies.map((line) => `  ${line}\n`).join('')}`)
    const watching = await watch(admin)
    for (let i = 0; i < 200; i++) {
      for (let n = 0; n < 2; n++) await admin.at.consume({ group: `${i}`, user: '\u0001'.repeat(5000) + i })
    }
    admin.at.second()
    const told = await watching.until(21)
    const snapshot = told.at(-1)
    expect(snapshot?.event).toBe('snapshot')
    expect(snapshot?.data.top.requests.keys).toHaveLength(10)
    expect(Buffer.byteLength(JSON.stringify(snapshot?.data))).toBeLessThan(20_000)
  })

  it('makes a snapshot once for all who see the same, and none while nobody watches', async () => {
    await using admin = await adminOf(FILE)
    let asked = 0
    const { health } = admin.service
    Object.assign(admin.service, {
      health: () => {
        asked++
        return health()
      },
    })
    admin.at.second()
    expect(asked).toBe(0)
    const watching = await Promise.all([watch(admin), watch(admin), watch(admin)])
    admin.at.second()
    await Promise.all(watching.map((one) => one.until(1)))
    expect(asked).toBe(1)
    for (const { socket } of watching) socket.destroy()
    await soon(() => admin.at.watching()).toBe(0)
    admin.at.second()
    expect(asked).toBe(1)
  })

  it('makes one snapshot for all tokens that see everything', async () => {
    const other = "\n  - { name: other, hash: 'TOKEN(other)', scopes: [admin] }"
    await using admin = await adminOf(FILE + TOKENS.trimEnd() + other)
    const watching = [await watch(admin, 'all'), await watch(admin, 'other'), await watch(admin, 'shop')]
    let made = 0
    const { configuration } = admin.service
    // Each snapshot names the configuration in force.
    Object.assign(admin.service, {
      configuration: () => {
        made++
        return configuration()
      },
    })
    admin.at.second()
    await Promise.all(watching.map((one) => one.until(1)))
    expect(made).toBe(2)
  })

  it('shows a token what it reaches alone', async () => {
    await using admin = await adminOf(FILE + TOKENS)
    const [all, shop] = [await watch(admin, 'all'), await watch(admin, 'shop')]
    for (let i = 0; i < 4; i++) await admin.at.consume({ user: 'alice' })
    for (let i = 0; i < 2; i++) await admin.at.consume({ user: 'bob', domain: 'shop' }, 1)
    await admin.service.block({ user: 'alice' }, '1m', { transport: 'admin', policy: 'users' })
    admin.service.fail(new Error('defect'), { transport: 'http' })
    admin.at.second()
    expect((await all.until(6)).map(({ event }) => event)).toEqual([
      'denial',
      'denial',
      'denial',
      'change',
      'failure',
      'snapshot',
    ])
    const told = await shop.until(2)
    expect(told.map(({ event, data }) => [event, data.policy])).toEqual([
      ['denial', 'shop'],
      ['snapshot', undefined],
    ])
    expect(JSON.stringify(told)).not.toMatch(/alice|users/)
    expect(told[1]?.data).toMatchObject({ totalRequests: 2, denied: 1, bySource: null })
    expect((await watch(admin, 'spender')).head()).toMatch(/^HTTP\/1.1 403/)
  })

  it('ends for a token that is gone or for something else, and for no other', async () => {
    await using admin = await adminOf(FILE + TOKENS)
    const [all, shop] = [await watch(admin, 'all'), await watch(admin, 'shop')]
    const { tokens = [], ...rest } = admin.service.configuration()
    const changed = tokens.map((token) => (token.name === 'shop' ? { ...token, domains: ['bank'] } : token))
    admin.service.apply({ ...rest, tokens: changed, hash: 'b' })
    await once(shop.socket, 'close')
    expect((await all.until(1)).map(({ event }) => event)).toEqual(['configuration'])
    admin.service.apply({ ...rest, tokens: changed.filter(({ name }) => name !== 'all'), hash: 'c' })
    await once(all.socket, 'close')
    expect(admin.at.watching()).toBe(0)
  })

  it('ends for all who watched without tokens once there are some', async () => {
    await using admin = await adminOf(FILE)
    const { socket } = await watch(admin)
    const { service } = admin
    const tokens = [{ name: 'a', hash: `sha256:${'0'.repeat(64)}`, scopes: ['read'] as const }]
    service.apply({ ...service.configuration(), tokens, hash: 'b' })
    await once(socket, 'close')
  })

  it('is for so many at once, and free again when one leaves', async () => {
    await using admin = await adminOf(FILE)
    const watching = await Promise.all(Array.from({ length: VIEWERS_MAX }, () => watch(admin)))
    const one = await admin.ask('/v1/events')
    expect([one.status, one.headers['retry-after']]).toEqual([503, '5'])
    watching[0]?.socket.destroy()
    await soon(() => admin.at.watching()).toBe(VIEWERS_MAX - 1)
    expect((await watch(admin)).head()).toMatch(/^HTTP\/1.1 200/)
  })

  it('drops who does not read, and nobody else', async () => {
    await using admin = await adminOf(FILE)
    const slow = await watch(admin)
    slow.socket.pause()
    const reader = await watch(admin)
    let rejections = 0
    // The system keeps some megabytes for a connection.
    await expect
      .poll(() => {
        const message = `${++rejections} ${'x'.repeat(200_000)}`
        admin.service.reject({ file: null, path: '', line: null, column: null, message, more: 0 })
        admin.at.second()
        return admin.at.watching()
      }, WHILE_FILLING)
      .toBe(1)
    expect(reader.socket.destroyed).toBe(false)
    reader.socket.destroy()
    await soon(() => admin.at.watching()).toBe(0)
  })

  it('answers HEAD without an end that is awaited', async () => {
    await using admin = await adminOf(FILE)
    const { status, text } = await admin.ask('/v1/events', { method: 'HEAD' })
    expect([status, text, admin.at.watching()]).toEqual([200, '', 0])
  })

  it('ends at once when the listener drains', async () => {
    await using admin = await adminOf(FILE)
    const { socket } = await watch(admin)
    await Promise.all([admin.drain(), once(socket, 'close')])
  })
})
