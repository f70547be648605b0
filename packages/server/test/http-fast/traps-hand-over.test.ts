/**
 * What the fast path relies on, and what it stays away from, in Node itself: nothing here runs code of ours. A test that fails on a
 * new Node says that the hand-over has to be thought through again.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createNetServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { RawClient } from './raw-client.ts'
import {
  answers,
  decorated,
  echoTarget,
  get,
  inOrder,
  listening,
  type Taker,
  targetsIn,
} from './traps-server.ts'

describe('a socket that was read from is given to node:http', () => {
  it('by pause, unshift, its listener and resume: all requests are answered', async () => {
    await using server = await listening(decorated(createServer(echoTarget), inOrder))
    await using client = await RawClient.open(server)
    await client.send(get('/a') + get('/b'))
    await client.until(answers(2))
    await client.send(get('/c'))
    expect(targetsIn(await client.until(answers(3)))).toEqual(['[/a]', '[/b]', '[/c]'])
  })

  it('in the same order under TLS, where the listener is that of secureConnection', async () => {
    const secure = createSecureServer(pemOf(CERTIFICATES.server), echoTarget)
    await using server = await listening(decorated(secure, inOrder, 'secureConnection'))
    await using client = await RawClient.open(server, { tls: true })
    await client.send(get('/a') + get('/b'))
    await client.until(answers(2))
    await client.send(get('/c'))
    expect(targetsIn(await client.until(answers(3)))).toEqual(['[/a]', '[/b]', '[/c]'])
  })

  it('and without resume answers what comes later before what was put back', async () => {
    const { promise: taken, resolve } = Promise.withResolvers<void>()
    const take: Taker = (socket, first, ordinary) => {
      socket.pause()
      socket.unshift(first)
      ordinary(socket)
      resolve()
    }
    await using server = await listening(decorated(createServer(echoTarget), take))
    await using client = await RawClient.open(server)
    await client.send(get('/a'))
    await taken
    await client.send(get('/b'))
    expect(targetsIn(await client.until(answers(1)))[0]).toBe('[/b]')
  })

  it('which replaces on, addListener and setEncoding of it', async () => {
    const { promise: replaced, resolve } = Promise.withResolvers<boolean[]>()
    const take: Taker = (socket, first, ordinary) => {
      const { on, addListener, setEncoding } = socket
      inOrder(socket, first, ordinary)
      resolve([socket.on !== on, socket.addListener !== addListener, socket.setEncoding !== setEncoding])
    }
    await using server = await listening(decorated(createServer(echoTarget), take))
    await using client = await RawClient.open(server)
    await client.send(get('/a'))
    expect(await replaced).toEqual([true, true, true])
  })

  it('which closes it when it was idle for long enough', async () => {
    const server = decorated(createServer({ keepAliveTimeout: 1 }, echoTarget), inOrder)
    // Node 24 adds a second; Node 22 does not know the name.
    Object.assign(server, { keepAliveTimeoutBuffer: 0 })
    await using open = await listening(server)
    await using client = await RawClient.open(open)
    await client.send(get('/a'))
    expect(targetsIn(await client.ended())).toEqual(['[/a]'])
  })

  it('which has parsed the body before the microtasks of a handler run, unlike where it reads by itself', async () => {
    const body = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nab'
    const completeIn = async (take: Taker | null): Promise<boolean> => {
      const { promise: complete, resolve } = Promise.withResolvers<boolean>()
      const plain = createServer((request, response) => {
        queueMicrotask(() => resolve(request.complete))
        request.resume().on('end', () => response.end('[]'))
      })
      await using server = await listening(take === null ? plain : decorated(plain, take))
      await using client = await RawClient.open(server)
      await client.send(body)
      await client.until(answers(1))
      return complete
    }
    expect(await completeIn(inOrder)).toBe(true)
    expect(await completeIn(null)).toBe(false)
  })
})

/** Runs `look` for the socket of the server's side of one connection. */
async function withSocket(look: (socket: Socket, client: RawClient) => Promise<void>): Promise<void> {
  const server = createNetServer({ allowHalfOpen: true })
  await using open = await listening(server)
  const connected = once(server, 'connection')
  await using client = await RawClient.open(open)
  const [socket] = (await connected) as [Socket]
  await look(socket, client)
}

describe('octets that are put back', () => {
  it('while a listener for them is there come to it at once, within the call', async () => {
    await withSocket(async (socket, client) => {
      const within: string[] = []
      let isWithin = false
      const { promise, resolve } = Promise.withResolvers<void>()
      socket.on('data', (chunk) => {
        if (isWithin) within.push(`${chunk}`)
        else if (within.length === 0) {
          isWithin = true
          socket.unshift(chunk)
          isWithin = false
          resolve()
        }
      })
      await client.send('a')
      await promise
      expect(within).toEqual(['a'])
    })
  })

  it('after the end are an error, and the end comes though the socket is paused', async () => {
    await withSocket(async (socket, client) => {
      const read = once(socket, 'data')
      await client.send('a')
      const [kept] = await read
      socket.removeAllListeners('data').pause()
      const ended = once(socket, 'end')
      client.socket.end()
      await ended
      const failed = once(socket, 'error')
      socket.unshift(kept)
      expect((await failed)[0]).toMatchObject({ code: 'ERR_STREAM_UNSHIFT_AFTER_END_EVENT' })
    })
  })

  it('before the end hold it back until they are read', async () => {
    await withSocket(async (socket, client) => {
      const read = once(socket, 'data')
      await client.send('a')
      const [first] = await read
      socket.removeAllListeners('data').pause()
      socket.unshift(first)
      let ended = false
      socket.on('end', () => (ended = true))
      client.socket.end()
      await expect.poll(() => socket.readableLength).toBe(1)
      await expect.poll(() => Reflect.get(socket, '_readableState').ended).toBe(true)
      expect(ended).toBe(false)
      const again = once(socket, 'data')
      const end = once(socket, 'end')
      socket.resume()
      expect(`${(await again)[0]}`).toBe('a')
      await end
    })
  })
})
