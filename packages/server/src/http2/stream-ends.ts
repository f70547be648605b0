/** How streams end by what their clients do. */
import type { ConnectionContext } from './connection-context.ts'
import { COST } from './point-budget.ts'
import type { Stream } from './stream.ts'

/** A request that lived longer than this was not given up as soon as it was made. */
const GIVEN_UP_MS = 5

/** A mistake of the client on a stream (RFC 9113, section 5.4.2). */
export function refuse(connection: ConnectionContext, stream: Stream, errorCode: number): void {
  if (connection.charge(COST.mistake)) connection.resetStream(stream, errorCode)
}

/** The same, of a stream that was not taken up. */
export function refuseUnopened(connection: ConnectionContext, streamId: number, errorCode: number): void {
  if (!connection.charge(COST.mistake)) return
  connection.streams.closed.remember(streamId, 'reset-by-us')
  connection.writer.rstStream(streamId, errorCode)
}

/** The client has reset a stream. */
export function giveUp(connection: ConnectionContext, stream: Stream): void {
  const { clock, streams } = connection
  const isOld = clock.readMs - stream.incoming.begunMs > GIVEN_UP_MS
  streams.closed.remember(stream.id, 'reset-by-client')
  connection.close(stream)
  if (!isOld) connection.chargeUnlessForgiven(COST.giveUp)
}

/** A request is whole. */
export function endRequest({ handler, requests }: ConnectionContext, stream: Stream): void {
  const { incoming } = stream
  if (!stream.hasEnded) handler.onEnd(stream)
  if (incoming.isHeld) return
  requests.give(incoming.heldBytes)
  incoming.heldBytes = 0
}
