import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { DRAIN_MS, STALL_MS, UNDER_WAY_MAX } from '../../src/transports/resp/limits.ts'
import { manualGate } from './manual-gate.ts'
import { type RespClient, respServer } from './resp-server.ts'

const POLICIES = 'policies: [{ name: api, key: user, rules: [1000000/day] }]'
const CONSUME = commandOf('HG.CONSUME', 'api', 'user=alice')
const THROTTLE = commandOf('CL.THROTTLE', 'k', '1000000', '1', '60')
const MANY = 3 * UNDER_WAY_MAX

function commandOf(...args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`
}

/** Replies until the connection ends. */
async function repliesTo(client: RespClient): Promise<unknown[]> {
  const replies: unknown[] = []
  for (;;) {
    const reply = await client.read()
    if (reply === 'closed') return replies
    replies.push(reply)
  }
}

describe('a server of the Redis protocol that drains', () => {
  it('ends a connection on which nothing is under way at once, and takes no new one', async () => {
    await using server = await respServer(POLICIES)
    const idle = await server.connect()
    expect(await idle.ask('PING')).toBe('PONG')
    const drained = server.transport.drain()
    expect(await idle.read()).toBe('closed')
    await drained
    await expect(server.connect()).rejects.toThrow('ECONNREFUSED')
  })

  it.each([
    ['HG.CONSUME', CONSUME],
    ['CL.THROTTLE', THROTTLE],
  ])('answers a pipeline of %s that it has begun to its end, and then says goodbye', async (_, command) => {
    await using server = await respServer(POLICIES)
    const client = await server.connect()
    client.write(command.repeat(MANY))
    await client.read()
    const drained = server.transport.drain()
    expect(await repliesTo(client)).toHaveLength(MANY - 1)
    await drained
  })

  it('answers every command that it carries out, whoever never stops sending', async () => {
    await using server = await respServer(POLICIES)
    const client = await server.connect()
    let isOpen = true
    client.socket.once('end', () => (isOpen = false))
    // Cut in the middle of a command, so that something has always begun.
    const piece = CONSUME.repeat(100) + CONSUME.slice(0, 20)
    const rest = CONSUME.slice(20)
    const flood = (async () => {
      for (let text = piece; isOpen; text = rest + piece) {
        client.write(text)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await client.read()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const drained = server.transport.drain()
      vi.advanceTimersByTime(DRAIN_MS)
      const replies = await repliesTo(client)
      await Promise.all([flood, drained])
      const spent = await server.service.usage({ user: 'alice' })
      expect(1_000_000 - (spent[0]?.rules[0]?.remaining ?? 0)).toBe(1 + replies.length)
    } finally {
      vi.useRealTimers()
    }
  })

  it('waits for replies that take longer, with those behind them', async () => {
    const gate = manualGate()
    await using server = await respServer(POLICIES, {}, gate.store)
    const client = await server.connect()
    client.write(CONSUME + commandOf('PING'))
    await gate.isAsked
    const drained = server.transport.drain()
    gate.open()
    expect(await repliesTo(client)).toEqual([expect.arrayContaining(['within-limit']), 'PONG'])
    await drained
  })

  it('cuts off who does not leave', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = await respServer(POLICIES)
      await using client = await server.connect()
      client.socket.allowHalfOpen = true
      expect(await client.ask('PING')).toBe('PONG')
      const drained = server.transport.drain()
      await once(client.socket, 'end')
      vi.advanceTimersByTime(STALL_MS)
      await drained
    } finally {
      vi.useRealTimers()
    }
  })
})
