/** Scripts of frames, whole and cut into pieces anywhere: the same octets have to come of both. */
import assert from 'node:assert/strict'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { Http2Server } from '../../src/http2/http2-server.ts'
import { checkOutput } from '../http2/check-output.ts'
import { ManualHttp2Clock } from '../http2/manual-http2-clock.ts'
import { turn } from '../http2/memory-client.ts'
import { MemorySocket } from '../http2/memory-socket.ts'
import { ProbeHandler } from '../http2/probe-handler.ts'
import { LIMITS } from '../http2/probe-server.ts'
import { scriptOf } from './http2-script.ts'
import { piecesOf } from './pieces-of.ts'
import type { Opened, Target } from './target.ts'

export const http2Target: Target = {
  name: 'http2',
  async open(): Promise<Opened> {
    const clock = new ManualHttp2Clock()
    const handler = new ProbeHandler()
    const server = new Http2Server(handler, { ...LIMITS, streamsMax: 6 }, clock)
    return {
      async once(random) {
        await once(server, random)
        assert.equal(handler.open.size, 0, 'streams of connections that are gone')
      },
      close: () => server.destroy(),
    }
  },
}

async function once(server: Http2Server, random: Random): Promise<void> {
  const script = scriptOf(random)
  const whole = await answerTo(server, [script])
  const pieces = piecesOf(script, random)
  const about = JSON.stringify(pieces.map((piece) => piece.toString('hex')))
  checkOutput(whole.octets)
  assert.deepEqual(await answerTo(server, pieces), whole, about)
}

interface Answer {
  readonly octets: Buffer
  readonly hasEnded: boolean
}

async function answerTo(server: Http2Server, pieces: readonly Buffer[]): Promise<Answer> {
  const socket = new MemorySocket()
  server.take(socket.asSocket(), '192.0.2.1')
  for (const piece of pieces) socket.receive(piece)
  await turn()
  const answer = { octets: socket.output(), hasEnded: socket.hasEnded }
  socket.destroy()
  await turn()
  return answer
}
