import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ARGUMENT_BYTES_MAX, ARGUMENTS_MAX, STALL_MS } from '../../src/transports/resp/limits.ts'
import { RequestParser } from '../../src/transports/resp/request-parser.ts'
import { respServer } from './resp-server.ts'

function commandOf(args: readonly string[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`).join('')}`
}

describe('the reader of commands', () => {
  it('property: reads the same commands in whatever pieces they come', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 20 })
    const commands = fc.array(fc.array(word, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(commands, fc.array(fc.nat(30)), (written, cuts) => {
        const parser = new RequestParser()
        const read: (readonly string[])[] = []
        let bytes = Buffer.from(written.map(commandOf).join(''))
        for (const cut of [...cuts, bytes.length]) {
          parser.push(bytes.subarray(0, cut))
          bytes = bytes.subarray(cut)
          for (let next = parser.next(); next !== null; next = parser.next()) read.push(next)
        }
        expect(read).toEqual(written)
        expect(parser.isInside).toBe(false)
      }),
    )
  })

  it('reads a large argument in small pieces no more than once', () => {
    const parser = new RequestParser()
    const bytes = Buffer.from(commandOf(['ECHO', 'x'.repeat(60_000), 'y'.repeat(60_000)]))
    for (let i = 0; i < bytes.length; i += 10) {
      parser.push(bytes.subarray(i, i + 10))
      if (i + 10 < bytes.length) expect(parser.next()).toBeNull()
    }
    expect(parser.next()?.map((one) => one.length)).toEqual([4, 60_000, 60_000])
  })

  it('reads inline commands', () => {
    const parser = new RequestParser()
    parser.push(Buffer.from('PING\r\n  hg.peek  api\tuser=a \n\r\nQUIT'))
    expect([parser.next(), parser.next(), parser.next(), parser.next()]).toEqual([
      ['PING'],
      ['hg.peek', 'api', 'user=a'],
      [],
      null,
    ])
    expect(parser.isInside).toBe(true)
  })
})

describe('connections of the Redis protocol', () => {
  it('answer in order, whatever takes longer, and in few writes', async () => {
    await using server = await respServer()
    const client = await server.connect()
    const many = Array.from({ length: 500 }, (_, i) => [
      commandOf(['PING', `${i}`]),
      commandOf(['HG.PEEK', 'api', `user=${i}`]),
    ])
    client.write(many.flat().join(''))
    for (let i = 0; i < 500; i++) {
      expect(await client.read()).toBe(`${i}`)
      expect(await client.read()).toEqual(expect.arrayContaining(['policy', 'api']))
    }
  })

  it('take far more than is under way at a time', async () => {
    await using server = await respServer()
    const client = await server.connect()
    client.write(commandOf(['HG.PEEK', 'api', 'user=a']).repeat(5000))
    for (let i = 0; i < 5000; i++) expect(await client.read()).toHaveLength(22)
  })

  it.each<[string, string | Buffer]>([
    ['a count that is none', '*x\r\n'],
    ['a count below zero', '*-1\r\n'],
    ['too many arguments', `*${ARGUMENTS_MAX + 1}\r\n`],
    ['a length that is none', '*1\r\n$x\r\n'],
    ['too long an argument', `*1\r\n$${ARGUMENT_BYTES_MAX + 1}\r\n`],
    ['a length without end', `*1\r\n$${'1'.repeat(100)}`],
    ['no argument where one should be', '*1\r\n:1\r\n'],
    ['an argument that does not end', '*1\r\n$4\r\nPINGxx'],
    ['bytes that are no UTF-8', Buffer.from('*2\r\n$4\r\nECHO\r\n$1\r\n\xff\r\n', 'latin1')],
    ['a line that does not end', 'x'.repeat(ARGUMENT_BYTES_MAX + 2)],
    ['more words than arguments may be', `${'x '.repeat(ARGUMENTS_MAX + 1)}\r\n`],
    [
      'a command that is too big',
      `*4\r\n${`$40000\r\n${'x'.repeat(40_000)}\r\n`.repeat(4)}`.slice(0, 140_000),
    ],
    ['HTTP that begins with an asterisk', '* / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('end with an error after %s', async (_, bytes) => {
    await using server = await respServer()
    const client = await server.connect()
    client.write(bytes)
    expect(await client.read()).toEqual(
      expect.objectContaining({ message: expect.stringMatching(/^ERR Protocol error: /) }),
    )
    expect(await client.read()).toBe('closed')
    const other = await server.connect()
    expect(await other.ask('PING')).toBe('PONG')
  })

  it('hold no more of what they answer than has room, and go on when it is taken', async () => {
    await using server = await respServer()
    const client = await server.connect()
    client.socket.pause()
    client.write(commandOf(['COMMAND', 'DOCS']).repeat(2000))
    // Another one has its turn meanwhile.
    const other = await server.connect()
    expect(await other.ask('PING')).toBe('PONG')
    client.socket.resume()
    for (let i = 0; i < 2000; i++) expect(await client.read()).toEqual(expect.arrayContaining(['hg.consume']))
  })

  it('end with the first line of a request of HTTP, whose body a web page chooses', async () => {
    await using server = await respServer()
    const client = await server.connect()
    const body = 'HG.BLOCK api 10m user=alice\r\n'
    client.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    expect(await client.read()).toEqual(
      expect.objectContaining({ message: expect.stringContaining('unknown command') }),
    )
    expect(await client.read()).toBe('closed')
    const other = await server.connect()
    expect(await other.ask('HG.PEEK', 'api', 'user=alice')).toEqual(expect.arrayContaining(['within-limit']))
  })

  it('end where a command does not, also where it goes on a little at a time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = await respServer()
      const client = await server.connect()
      expect(await client.ask('PING')).toBe('PONG')
      client.write('*1\r\n$4\r\nPI')
      client.write('N')
      await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), { timeout: 5000 })
      vi.advanceTimersByTime(STALL_MS)
      expect(await client.read()).toBe('closed')
    } finally {
      vi.useRealTimers()
    }
  })

  it('stop reading where replies are not taken, and end where that goes on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using server = await respServer()
      const client = await server.connect()
      client.socket.pause()
      const echo = commandOf(['ECHO', 'x'.repeat(60_000)])
      const closed = new Promise((resolve) => client.socket.once('close', resolve))
      let sent = 0
      while (sent < 3000 && client.socket.write(echo)) sent += 1
      for (let i = 0; i < 200; i++) {
        client.socket.write(echo)
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(client.socket.writableLength).toBeGreaterThan(0)
      vi.advanceTimersByTime(STALL_MS)
      client.socket.resume()
      await closed
    } finally {
      vi.useRealTimers()
    }
  })
})
