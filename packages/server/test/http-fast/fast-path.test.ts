import { describe, expect, it } from 'vitest'
import { bodiesOf, fastServer, post } from './fast-server.ts'

describe('the fast path', () => {
  it('answers a request that it knows, and keeps the connection', async () => {
    await using server = await fastServer()
    const client = await server.connect()
    client.send(post('"a"'))
    await client.until('"a"')
    client.send(post('"b"'))
    expect(bodiesOf(await client.until('"b"'))).toEqual(['"a"', '"b"'])
    expect(client.text).toMatch(
      /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain\r\ncontent-length: 3\r\nDate: .* GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72\r\n\r\n"a"/,
    )
    expect(server.answered.times).toBe(2)
    expect(server.handedOver).toEqual([])
  })

  it('answers requests of one write in their order', async () => {
    await using server = await fastServer()
    const client = await server.connect()
    client.send([1, 2, 3, 4, 5].map((i) => post(`"${i}"`)).join(''))
    expect(bodiesOf(await client.until('"5"'))).toEqual(['"1"', '"2"', '"3"', '"4"', '"5"'])
  })

  it('reads a request in whatever pieces it comes', async () => {
    await using server = await fastServer()
    const request = Buffer.from(post('"é"'))
    for (let cut = 1; cut < request.length; cut++) {
      const client = await server.connect()
      client.send(request.subarray(0, cut))
      await new Promise((resolve) => setImmediate(resolve))
      client.send(request.subarray(cut))
      expect(bodiesOf(await client.until('Ã©"'))).toEqual(['"é"'])
      client.socket.destroy()
    }
    expect(server.handedOver).toEqual([])
  })

  it('hands a connection over with the request that it does not know, for good', async () => {
    await using server = await fastServer()
    const client = await server.connect()
    client.send(`${post('"a"')}${post('"b"', ['Expect: 100-continue'])}${post('"c"')}`)
    await client.until('ordinary /v1/consume "c"')
    expect(
      bodiesOf(
        client.text
          .replace('HTTP/1.1 100 Continue\r\n\r\n', '')
          .replaceAll(/transfer-encoding: chunked/gi, ''),
      )[0],
    ).toBe('"a"')
    expect(client.text).toContain('ordinary /v1/consume "b"')
    expect(server.handedOver).toEqual(['field'])
    expect(server.answered.times).toBe(1)
  })

  it('answers in order where an answer takes its time', async () => {
    const pending: (() => void)[] = []
    await using server = await fastServer({
      handler: ({ body }) =>
        new Promise((resolve) =>
          pending.push(() => resolve({ status: 200, fields: [], body: body.toString() })),
        ),
    })
    const client = await server.connect()
    client.send(`${post('"a"')}${post('"b"')}GET /x HTTP/1.1\r\nHost: a\r\n\r\n`)
    await expect.poll(() => pending.length).toBe(1)
    expect(client.text).toBe('')
    pending[0]?.()
    await expect.poll(() => pending.length).toBe(2)
    pending[1]?.()
    await client.until('ordinary /x')
    expect(client.text).toMatch(/"a".*"b".*ordinary/s)
    expect(server.handedOver).toEqual(['target'])
  })
})
