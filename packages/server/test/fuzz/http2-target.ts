/**
 * Scripts of frames, whole and cut into pieces anywhere: the same octets have to come of both. And once more to a socket that takes
 * what is written late, while time passes: whatever comes is in order, and nothing is held in the end.
 */
import assert from 'node:assert/strict'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { BufferPool } from '../../src/http2/buffer-pool.ts'
import { Holding } from '../../src/http2/holding.ts'
import { Http2Connection } from '../../src/http2/http2-connection.ts'
import { createHttp2Counts } from '../../src/http2/http2-counts.ts'
import { checkOutput } from '../http2/check-output.ts'
import { ManualHttp2Clock } from '../http2/manual-http2-clock.ts'
import { turn } from '../http2/memory-client.ts'
import { MemorySocket } from '../http2/memory-socket.ts'
import { ProbeHandler } from '../http2/probe-handler.ts'
import { LIMITS } from '../http2/probe-server.ts'
import { rethrow } from '../http2/wire.ts'
import { scriptOf } from './http2-script.ts'
import { piecesOf } from './pieces-of.ts'
import type { Opened, Target } from './target.ts'

const PEER = '192.0.2.1'
const HELD_BYTES_MAX = 32 * 2 ** 20

export const http2Target: Target = {
  name: 'http2',
  async open(): Promise<Opened> {
    const fuzz = new Http2Fuzz()
    return { once: (random) => fuzz.once(random), close: () => {} }
  },
}

interface Answer {
  readonly octets: Buffer
  readonly hasEnded: boolean
}

class Http2Fuzz {
  readonly #handler = new ProbeHandler()
  readonly #clock = new ManualHttp2Clock()
  readonly #parts = {
    handler: this.#handler,
    limits: { ...LIMITS, streamsMax: 6 },
    clock: this.#clock,
    pool: new BufferPool(),
    counts: createHttp2Counts(),
    onFault: rethrow,
    onEnd: () => {},
  }
  readonly #holding = new Holding(HELD_BYTES_MAX, null)

  async once(random: Random): Promise<void> {
    const script = scriptOf(random)
    const whole = await this.#answerTo([script])
    const pieces = piecesOf(script, random)
    checkOutput(whole.octets)
    const cut = await this.#answerTo(pieces)
    assert.equal(cut.hasEnded, whole.hasEnded, 'both end, or none does')
    if (!cut.octets.equals(whole.octets))
      assert.fail(`${cut.octets.toString('hex')}\nis not ${whole.octets.toString('hex')}`)
    await this.#answerLate(pieces, random)
  }

  async #answerTo(pieces: readonly Buffer[]): Promise<Answer> {
    const { socket } = this.#connect()
    for (const piece of pieces) socket.receive(piece)
    await turn()
    const answer = { octets: socket.output(), hasEnded: socket.hasEnded }
    await this.#leave(socket)
    return answer
  }

  async #answerLate(pieces: readonly Buffer[], random: Random): Promise<void> {
    const { socket, connection } = this.#connect()
    socket.isLazy = true
    await turn()
    for (const piece of pieces) {
      socket.receive(piece)
      if (random.percent(50)) socket.takeOne()
      if (random.percent(10)) connection.sweep()
      if (random.percent(20)) this.#handler.answerBusy()
    }
    for (let i = random.below(100); i > 0 && socket.takeOne(); i--) if (random.percent(10)) await turn()
    const isCut = random.percent(50)
    if (!isCut) while (socket.takeOne());
    const octets = socket.output()
    await this.#leave(socket)
    if (!isCut) checkOutput(octets)
  }

  #connect(): { readonly socket: MemorySocket; readonly connection: Http2Connection } {
    const socket = new MemorySocket()
    const owner = { peer: PEER, holding: this.#holding }
    const connection = new Http2Connection(socket.asSocket(), this.#parts, owner)
    connection.start()
    return { socket, connection }
  }

  async #leave(socket: MemorySocket): Promise<void> {
    socket.destroy()
    this.#handler.answerBusy()
    await turn()
    assert.equal(this.#handler.open.size, 0, 'streams of a connection that is gone')
    // All of it is free, and not more than all of it.
    assert.ok(!this.#holding.take(HELD_BYTES_MAX + 1), 'octets were given back twice')
    assert.ok(this.#holding.take(HELD_BYTES_MAX), 'octets held for a connection that is gone')
    this.#holding.give(HELD_BYTES_MAX)
  }
}
