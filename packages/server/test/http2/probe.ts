/** A case of a table: what a client sends behind its preface and settings, and what has to come of it. */
import { expect } from 'vitest'
import { codeName, type Received } from './frame-log.ts'
import { ACK, FRAME, headers, request } from './octets.ts'
import type { RawClient } from './raw-client.ts'

/**
 * Section, sentence, octets, and all that comes of them but settings, windows and bodies, in order:
 * `200 on 1`, `RST_STREAM 1 CANCEL`, `GOAWAY PROTOCOL_ERROR`, `PONG`. An empty text: nothing comes.
 */
export type Probe = readonly [section: string, sentence: string, octets: readonly Buffer[], expected: string]

/** The stream of a request that is in order, with which each case ends. */
const HONEST = 1_000_001

/**
 * Sends the octets and then an honest request; says what came. Without GOAWAY the connection has to live and to answer that
 * request, and with GOAWAY it has to end.
 */
export async function probe(client: RawClient, octets: readonly Buffer[]): Promise<string> {
  client.send(...octets, headers(HONEST, request()))
  const lives = await client.settled()
  const came = outcome(client.frames.filter(({ stream }) => stream !== HONEST))
  if (client.of(FRAME.GOAWAY).length > 0) await client.ended()
  else
    expect(client.isAnswered(HONEST) && lives, `it answers others as before; there came: ${came}`).toBe(true)
  return came
}

export function outcome(frames: readonly Received[]): string {
  return frames
    .map(named)
    .filter((name) => name !== null)
    .join(', ')
}

function named({ type, flags, stream, payload }: Received): string | null {
  if (type === FRAME.GOAWAY) return `GOAWAY ${codeName(payload.readUInt32BE(4))}`
  if (type === FRAME.RST_STREAM) return `RST_STREAM ${stream} ${codeName(payload.readUInt32BE(0))}`
  if (type === FRAME.HEADERS) return `${statusOf(payload)} on ${stream}`
  const isFence = type !== FRAME.PING || payload.toString('latin1').startsWith('fence')
  return isFence || (flags & ACK) === 0 ? null : 'PONG'
}

function statusOf(block: Buffer): string {
  const short = ['200', '204', '206', '304', '400', '404', '500'][(block[0] ?? 0) - 0x88]
  return short ?? block.subarray(2, 5).toString()
}
