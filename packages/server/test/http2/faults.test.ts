import { describe, expect, it } from 'vitest'
import type { Http2Handler, Http2Stream } from '../../src/http2/http2-handler.ts'
import { OK, type Wire, wire } from './wire.ts'
import { data, END_STREAM, POST, rstStream, windowUpdate } from './wire-frames.ts'

const FAULT = new Error('a fault of a handler')

/** Throws where it is told to, and answers where it is not. */
class FaultyHandler implements Http2Handler {
  readonly #where: keyof Http2Handler
  isBusy = false

  constructor(where: keyof Http2Handler) {
    this.#where = where
  }

  onRequest(stream: Http2Stream, { path }: { readonly path: string }): void {
    stream.state = path
    stream.isBusy = this.isBusy
    this.#on('onRequest', stream)
    if (path === '/large') {
      stream.open(OK)
      stream.write(Buffer.alloc(10))
    }
  }

  onData(stream: Http2Stream): void {
    this.#on('onData', stream)
  }

  onEnd(stream: Http2Stream): void {
    this.#on('onEnd', stream)
    stream.respond(OK, null, null)
  }

  onAborted(stream: Http2Stream): void {
    this.#on('onAborted', stream)
  }

  onDrain(stream: Http2Stream): void {
    this.#on('onDrain', stream)
    stream.finish(null)
  }

  #on(where: keyof Http2Handler, { state }: Http2Stream): void {
    if (where === this.#where && state !== '/fine') throw FAULT
  }
}

interface Faulty {
  readonly client: Wire
  readonly handler: FaultyHandler
  readonly faults: unknown[]
}

async function faulty(where: keyof Http2Handler, streamsMax = 128): Promise<Faulty> {
  const faults: unknown[] = []
  const handler = new FaultyHandler(where)
  const client = await wire(
    { handler, limits: { streamsMax }, onFault: (reason) => faults.push(reason) },
    [4, 5],
  )
  return { client, handler, faults }
}

const RESET = ['RST_STREAM 1 INTERNAL_ERROR']

describe('a handler that throws', () => {
  it.each<[keyof Http2Handler, string, readonly string[], (client: Wire) => readonly Buffer[]]>([
    ['onRequest', '/', RESET, () => []],
    ['onData', '/', RESET, () => [data(1, 'hi')]],
    ['onEnd', '/', RESET, () => [data(1, 'hi', END_STREAM)]],
    ['onAborted', '/', [], () => [rstStream(1)]],
    [
      'onDrain',
      '/large',
      ['HEADERS 1 :status=200', 'DATA 1 5', 'DATA 1 5', ...RESET],
      () => [data(1, 'hi', END_STREAM), windowUpdate(1, 5)],
    ],
  ])('by %s loses its stream and no other', async (where, path, expected, said) => {
    const { client, faults } = await faulty(where)
    const { speaker } = client
    const heard = await client.say(speaker.headers(1, { ...POST, ':path': path }), ...said(client))
    expect(heard).toEqual(expected)
    expect(faults).toEqual([FAULT])
    expect(client.server.counts.streams.fault).toBe(1)
    const fine = speaker.headers(3, { ...POST, ':path': '/fine' })
    expect(await client.say(fine, data(3, 'hi', END_STREAM))).toEqual(['HEADERS 3 :status=200 END'])
  })

  it('keeps no place for a stream that it has called busy', async () => {
    const { client, handler } = await faulty('onRequest', 1)
    handler.isBusy = true
    await client.say(client.speaker.headers(1))
    handler.isBusy = false
    const fine = client.speaker.headers(3, { ...POST, ':path': '/fine' })
    expect(await client.say(fine, data(3, '', END_STREAM))).toEqual(['HEADERS 3 :status=200 END'])
  })

  it('when its connection is gone is told of, and ends nothing else', async () => {
    const { client, faults } = await faulty('onAborted')
    await client.say(client.speaker.headers(1), client.speaker.headers(3))
    client.socket.destroy()
    await client.hear()
    expect(faults).toEqual([FAULT, FAULT])
  })
})

describe('a fault of the server itself', () => {
  it.each<[string, (client: Wire) => Promise<unknown>]>([
    ['while it reads', async (client) => await client.say(client.speaker.headers(1))],
    ['while it looks at its time', async (client) => await client.pass(70)],
    [
      'while it sends what it has to say later',
      async (client) => {
        client.server.drain()
        await client.hear()
      },
    ],
  ])('%s ends its connection, and is told', async (_when, happen) => {
    const faults: unknown[] = []
    const client = await wire({ onFault: (reason) => faults.push(reason) })
    const { socket } = client
    // Whatever it does with its socket then fails.
    Object.defineProperty(socket, 'writableLength', {
      get: () => {
        throw FAULT
      },
    })
    await happen(client)
    expect(faults).toContain(FAULT)
    expect(socket.destroyed).toBe(true)
    expect(client.server.counts.connections.fault).toBe(1)
  })
})
