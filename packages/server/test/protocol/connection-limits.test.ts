import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PeerCounts } from '../../src/listener/peer-counts.ts'
import { LocalTally } from '../../src/service/tally.ts'
import { ask, listening } from './listening-service.ts'

const OK = /^HTTP\/1.1 200 OK/

describe('a listener', () => {
  it('closes a connection at once that is over the limit of all, and takes one again when another has ended', async () => {
    await using server = await listening({ maxConnections: 2 })
    const [first, second] = [await server.connect(), await server.connect()]
    await expect.poll(() => server.transport.connections?.()).toBe(2)
    const third = await server.connect()
    await once(third, 'close')
    expect(server.refused).toEqual(['total'])
    first.destroy()
    await expect.poll(() => server.transport.connections?.()).toBe(1)
    expect(await ask(await server.connect(), '/livez')).toMatch(OK)
    expect(await ask(second, '/livez')).toMatch(OK)
    expect(server.refused).toEqual(['total'])
  })

  it('closes a connection at once that is over the limit of its peer', async () => {
    await using server = await listening({ maxConnectionsPerPeer: 1 })
    const first = await server.connect()
    await once(await server.connect(), 'close')
    expect(server.refused).toEqual(['peer'])
    expect(server.transport.connections?.()).toBe(1)
    expect(await ask(first, '/livez')).toMatch(OK)
    await expect.poll(() => server.transport.connections?.()).toBe(0)
    expect(await ask(await server.connect(), '/livez')).toMatch(OK)
  })

  it('lets a trusted proxy open as many as it likes, as far as the limit of all', async () => {
    const file = 'trustedProxies: [127.0.0.0/8]\npolicies: []'
    await using server = await listening({ maxConnectionsPerPeer: 1, maxConnections: 3 }, file)
    for (let i = 0; i < 3; i++) await server.connect()
    await once(await server.connect(), 'close')
    expect(server.refused).toEqual(['total'])
  })

  it('holds nobody on a Unix socket to the limit of a peer', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-socket-'))
    try {
      const address = { path: join(folder, 'x.sock') }
      await using server = await listening({ address, maxConnectionsPerPeer: 1 })
      await server.connect()
      expect(await ask(await server.connect(), '/livez')).toMatch(OK)
      expect(server.refused).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('takes a header of 16 KiB, and answers 431 to more', async () => {
    await using server = await listening()
    const field = (bytes: number): string => `x-long: ${'x'.repeat(bytes)}\r\n`
    expect(await ask(await server.connect(), '/livez', field(16_000))).toMatch(OK)
    expect(await ask(await server.connect(), '/livez', field(16_400))).toMatch(/^HTTP\/1.1 431 /)
  })
})

describe('the connections of peers', () => {
  it('are never more than the limit, and forgotten when they end', () => {
    const address = fc.constantFrom(
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '2001:db8::1',
      '2001:db8:0:1::2',
      '2001:db9::1',
    )
    const steps = fc.array(fc.tuple(address, fc.boolean()), { maxLength: 60 })
    fc.assert(
      fc.property(steps, (all) => {
        const tally = new LocalTally()
        const peers = new PeerCounts(3, tally)
        const open = new Map<string, (() => void)[]>()
        for (const [from, isEnd] of all) {
          const one = from.includes('192') ? 'v4' : from.slice(0, 8)
          const ends = open.get(one) ?? []
          open.set(one, ends)
          if (isEnd) ends.pop()?.()
          else {
            const leave = peers.enter(from)
            expect(leave === null).toBe(ends.length === 3)
            if (leave !== null) ends.push(leave)
          }
        }
        expect(tally.size).toBe([...open.values()].filter(({ length }) => length > 0).length)
      }),
    )
  })
})
