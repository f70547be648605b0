import { describe, expect, it } from 'vitest'
import type { ConnectionEnd, Shed } from '../../src/http2/http2-counts.ts'
import { OK, type Wire, wire } from './wire.ts'
import { continuation, POST, ping, windowUpdate } from './wire-frames.ts'

const QUIET = { ...POST, ':path': '/quiet' }

describe('who is sent away', () => {
  it.each<[ConnectionEnd, string, (client: Wire) => Promise<unknown>]>([
    ['calm', 'floods', async (client) => await client.say(...Array.from({ length: 2001 }, () => ping()))],
    ['protocol', 'errs', async (client) => await client.say(windowUpdate(0, 0))],
    [
      'protocol',
      'errs, and does not take what it is told',
      async (client) => {
        client.socket.isLazy = true
        await client.say(windowUpdate(0, 0))
      },
    ],
    [
      'late',
      'stops within a frame',
      async (client) => {
        await client.say(ping().subarray(0, 5))
        await client.pass(20)
      },
    ],
    [
      'late',
      'takes no answers',
      async (client) => {
        client.socket.isLazy = true
        await client.say(ping())
        await client.pass(40)
      },
    ],
    ['silent', 'is not there any more', async (client) => await client.pass(100)],
    [
      'protocol',
      'goes on with a block that has not begun',
      async (client) => await client.say(continuation(1, Buffer.alloc(1))),
    ],
  ])('is counted once, as %s, where it %s', async (why, _what, happen) => {
    const client = await wire()
    await happen(client)
    await client.pass(60)
    const { connections } = client.server.counts
    expect(connections).toEqual({ ...NONE, [why]: 1 })
  })

  it.each<[string, (client: Wire) => Promise<unknown>]>([
    ['leaves', async (client) => client.socket.destroy()],
    ['is told that the service ends', async (client) => client.server.drain()],
    ['has come of age', async (client) => await client.pass(400)],
  ])('is nobody where a client %s', async (_what, happen) => {
    const client = await wire({ limits: { keepaliveMs: 1_000_000 } })
    await client.say(client.speaker.headers(1, QUIET))
    await happen(client)
    await client.hear()
    expect(client.server.counts.connections).toEqual(NONE)
  })

  it.each<[Shed, string, (client: Wire) => Promise<unknown>]>([
    [
      'places',
      'is one too many',
      async (client) => {
        await client.say(
          client.speaker.headers(1, QUIET),
          client.speaker.headers(3, QUIET),
          client.speaker.headers(5),
        )
      },
    ],
    [
      'late',
      'is not whole in time',
      async (client) => {
        await client.say(client.speaker.headers(1, QUIET))
        await client.pass(20)
      },
    ],
    [
      'octets',
      'has too large an answer that waits',
      async (client) => {
        client.notes.whenRequested = (stream) => stream.respond(OK, Buffer.alloc(5_000_000), null)
        await client.say(client.speaker.get(1))
      },
    ],
  ])('counts a request as %s that %s', async (why, _what, happen) => {
    const client = await wire({ limits: { streamsMax: 2 } })
    await happen(client)
    expect(client.server.counts.streams).toEqual({ places: 0, octets: 0, late: 0, fault: 0, [why]: 1 })
  })
})

const NONE = { calm: 0, protocol: 0, late: 0, silent: 0, octets: 0, fault: 0 }
