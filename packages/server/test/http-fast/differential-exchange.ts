/** Puts the same octets to a server in the same way, and waits until it has nothing more to say: in turns, not in time. */
import type { Server } from 'node:net'
import { turn, type Waiting } from './differential-app.ts'
import { RawClient } from './raw-client.ts'

/** Octets that are written at once, and what is waited for before the next: turns of the event loop, or all that is answered. */
export interface Piece {
  readonly octets: Buffer
  readonly pause: number | 'quiet'
}

export interface Script {
  readonly pieces: readonly Piece[]
  /** Whether the client ends its side without waiting for answers. */
  readonly endsEarly: boolean
}

/** What a client saw. */
export interface Seen {
  /** Until the server had nothing more to say, and whether the connection was open then. */
  readonly said: string
  readonly state: RawClient['state']
  /** What came when the client had ended its side, and how the connection ended. */
  readonly last: string
  readonly end: RawClient['state']
}

/** A server, and how many of its requests are waiting. */
export interface Subject {
  readonly server: Server
  readonly waiting: Waiting
  readonly isSecure: boolean
}

/** How many turns without a word are the end; more where a difference is to be believed. */
export type Patience = 6 | 100

/** A server that has not ended by then never does. */
const TURNS_MAX = 20_000

export async function exchange(
  { server, waiting, isSecure }: Subject,
  { pieces, endsEarly }: Script,
  patience: Patience,
): Promise<Seen> {
  await using client = await RawClient.open(server, isSecure ? { tls: true } : {})
  for (const { octets, pause } of pieces) {
    client.socket.write(octets)
    if (pause === 'quiet') await quiet(client, waiting, patience)
    else for (let i = 0; i < pause; i++) await turn()
  }
  if (endsEarly) client.socket.end()
  await quiet(client, waiting, patience)
  const { text: said, state } = client
  client.socket.end()
  for (let turns = 0; client.state === 'open' && turns < TURNS_MAX; turns++) await turn()
  return { said: masked(said), state, last: masked(client.text.slice(said.length)), end: client.state }
}

async function quiet(client: RawClient, waiting: Waiting, patience: Patience): Promise<void> {
  let before = -1
  for (let still = 0; still < patience; still++) {
    await turn()
    const now = client.text.length + client.socket.bytesWritten
    if (now !== before || waiting.count > 0) still = 0
    before = now
    if (client.state !== 'open') return
  }
}

/** Two servers do not write at the same second. */
function masked(text: string): string {
  return text.replaceAll(/^Date: [^\r]*/gim, 'Date: *')
}
