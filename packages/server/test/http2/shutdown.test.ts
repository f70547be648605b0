import { describe, expect, it } from 'vitest'
import { OK, turn, type Wire, wire } from './wire.ts'
import { data, END_STREAM, frame, POST, windowUpdate } from './wire-frames.ts'

const ASKED = ['GOAWAY 2147483647 NO_ERROR', 'PING 3ff0000000000000']
const pong = frame({ type: 'PING', flags: 1, payload: Buffer.from('3ff0000000000000', 'hex') })
const QUIET = { ...POST, ':path': '/quiet' }

const drained = async (client: Wire): Promise<string[]> => {
  client.server.drain()
  return await client.hear()
}

describe('an orderly end', () => {
  it('takes what crosses the first notice, names the last stream in a second one, and ends behind the last answer', async () => {
    const client = await wire()
    const { speaker } = client
    await client.say(speaker.headers(1, QUIET))
    expect(await drained(client)).toEqual(ASKED)
    expect(await client.say(speaker.post(3, 'hi'))).toHaveLength(3)
    expect(await client.say(pong)).toEqual(['GOAWAY 3 NO_ERROR'])
    // The client knows that nothing comes of this one.
    expect(await client.say(speaker.headers(5), data(5, 'late', END_STREAM))).toEqual([])
    expect(client.hasEnded).toBe(false)
    expect(await client.say(data(1, 'hi', END_STREAM))).toEqual([])
    client.notes.stream('/quiet').respond(OK, null, null)
    expect(await client.hear()).toEqual(['HEADERS 1 :status=200 END'])
    expect(client.hasEnded).toBe(true)
  })

  it('is not begun by an answer to a PING that was not made', async () => {
    const client = await wire()
    expect(await client.say(pong)).toEqual([])
    expect(await client.say(client.speaker.post(1, 'hi'))).toHaveLength(3)
  })

  it('waits for answers that wait for a window', async () => {
    const client = await wire({}, [4, 2])
    await client.say(client.speaker.post(1, 'four'))
    await drained(client)
    expect(await client.say(pong)).toEqual(['GOAWAY 1 NO_ERROR'])
    expect(client.hasEnded).toBe(false)
    expect(await client.say(windowUpdate(1, 2))).toEqual(['DATA 1 2', 'HEADERS 1 end=yes END'])
    expect(client.hasEnded).toBe(true)
  })

  it('comes at once where nothing is under way', async () => {
    const client = await wire()
    await drained(client)
    expect(await client.say(pong)).toEqual(['GOAWAY 0 NO_ERROR'])
    expect(client.hasEnded).toBe(true)
  })

  it('does not wait for ever for a client that does not answer', async () => {
    const client = await wire()
    expect(await drained(client)).toEqual(ASKED)
    expect(await client.pass(3)).toEqual([])
    expect(await client.pass(1)).toEqual(['GOAWAY 0 NO_ERROR'])
    expect(client.hasEnded).toBe(true)
  })

  it('is begun once', async () => {
    const client = await wire()
    expect(await drained(client)).toEqual(ASKED)
    expect(await drained(client)).toEqual([])
  })

  it('is that of connections, too, whose handshake took until after it was begun', async () => {
    const client = await wire()
    client.server.drain()
    const late = await wire({ server: client.server, time: client.time })
    expect(await late.say(pong)).toEqual(['GOAWAY 0 NO_ERROR'])
  })

  it('throws away what still comes, so that no reset overtakes the last answer', async () => {
    const client = await wire()
    await drained(client)
    await client.say(pong)
    expect(client.hasEnded).toBe(true)
    expect(await client.say(data(1, 'x'.repeat(1000)))).toEqual([])
    expect(client.socket.readableLength).toBe(0)
    expect(client.socket.destroyed).toBe(false)
    await client.pass(6)
    expect(client.socket.destroyed).toBe(false)
    await client.pass(1)
    expect(client.socket.destroyed).toBe(true)
  })

  it('lets a client that reads slowly have the last answer', async () => {
    const client = await wire()
    client.socket.isLazy = true
    client.socket.push(client.speaker.post(1, 'hi'))
    client.server.drain()
    await turn()
    client.socket.push(pong)
    await client.pass(20)
    expect(client.socket.destroyed).toBe(false)
    while (client.socket.takeOne());
    expect((await client.hear()).at(-1)).toBe('GOAWAY 1 NO_ERROR')
  })
})

describe('an end at once', () => {
  it('cuts off all, and takes no more', async () => {
    const client = await wire()
    await client.say(client.speaker.headers(1, QUIET))
    client.server.destroy()
    await turn()
    expect(client.socket.destroyed).toBe(true)
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
    const late = await wire({ server: client.server, time: client.time })
    expect(late.socket.destroyed).toBe(true)
    expect(client.time.isWatched).toBe(false)
  })

  it('is that of a client, who is waited for no more', async () => {
    const client = await wire()
    await client.say(client.speaker.headers(1, QUIET))
    client.socket.push(null)
    await client.hear()
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
    expect(client.hasEnded).toBe(true)
  })

  it('is that of a connection that fails', async () => {
    const client = await wire()
    await client.say(client.speaker.headers(1, QUIET))
    client.socket.destroy(new Error('reset'))
    await client.hear()
    expect(client.notes.notes.at(-1)).toBe('aborted /quiet')
    client.notes.stream('/quiet').respond(OK, null, null)
    expect(await client.hear()).toEqual([])
  })
})
