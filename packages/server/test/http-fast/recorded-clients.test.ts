/** What has to be fast is fast: requests that were recorded from clients, and the few that are handed over. */
import { describe, expect, it } from 'vitest'
import { bodiesOf, fastServer } from './fast-server.ts'
import { octetsOf, recordedClients } from './recorded-clients.ts'
import { recordedExceptions } from './recorded-exceptions.ts'

describe('the fast path', () => {
  it.each(recordedClients)('answers $name, in one go and in pieces', async (recorded) => {
    await using server = await fastServer()
    const client = await server.connect()
    client.send(octetsOf(recorded).repeat(2))
    client.socket.end()
    await client.end()
    const other = await server.connect()
    other.send(octetsOf({ ...recorded, body: '' }))
    await new Promise((resolve) => setImmediate(resolve))
    other.send(recorded.body)
    await other.until(recorded.body)
    expect(server.handedOver).toEqual([])
    expect(server.answered.times).toBe(3)
    expect(bodiesOf(client.text)).toEqual([recorded.body, recorded.body])
  })

  it.each(recordedExceptions)('hands over $name: $why', async (recorded) => {
    await using server = await fastServer()
    const client = await server.connect()
    client.send(octetsOf(recorded))
    await client.until('ordinary /v1/consume')
    expect(server.handedOver).toEqual([recorded.reason])
    expect(server.answered.times).toBe(0)
  })
})
