import type { ConnectionContext } from './connection-context.ts'
import { PROTOCOL_ERROR, STREAM_CLOSED } from './error-codes.ts'
import { FLAG_END_STREAM, type Frame } from './frame.ts'
import { COST } from './point-budget.ts'
import type { Stream } from './stream.ts'
import { refuse } from './stream-ends.ts'

/** DATA or HEADERS on a stream on which its client may send none any more (RFC 9113, sections 5.1 and 5.1.1). */
export function receiveOnClosed(
  connection: ConnectionContext,
  stream: Stream | undefined,
  frame: Frame,
): void {
  const { streamId } = frame
  if (stream !== undefined) {
    refuse(connection, stream, STREAM_CLOSED)
    return
  }
  const { streams } = connection
  switch (streams.closed.endOf(streamId)) {
    case 'never-opened':
      connection.fail(PROTOCOL_ERROR)
      break
    case 'ended':
      connection.fail(STREAM_CLOSED)
      break
    case 'reset-by-client':
      if (connection.charge(COST.mistake)) connection.writer.rstStream(streamId, STREAM_CLOSED)
      break
    case 'reset-by-us':
      // Its client may not have seen the reset yet, and goes on to the end of its request.
      if (frame.has(FLAG_END_STREAM)) streams.closed.end(streamId)
      else connection.chargeUnlessForgiven(COST.frame)
      break
    case 'reset-by-us-and-ended':
    case 'forgotten':
      connection.chargeUnlessForgiven(COST.frame)
      break
  }
}
