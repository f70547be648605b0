import type { ConnectionContext } from './connection-context.ts'
import {
  COMPRESSION_ERROR,
  ENHANCE_YOUR_CALM,
  FRAME_SIZE_ERROR,
  NO_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
} from './error-codes.ts'
import {
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  type Frame,
  uint31,
  unpad,
} from './frame.ts'
import { HpackError } from './hpack/hpack-error.ts'
import type { HeaderField } from './hpack/hpack-field.ts'
import { Incoming } from './incoming.ts'
import { COST } from './point-budget.ts'
import { receiveOnClosed } from './receive-on-closed.ts'
import type { ReadHead } from './request-head.ts'
import { Stream } from './stream.ts'
import { endRequest, refuse, refuseUnopened } from './stream-ends.ts'

const PRIORITY_BYTES = 5
/** RFC 6585, section 5. */
const TOO_LARGE_ANSWER: readonly HeaderField[] = [{ name: ':status', value: '431' }]

/** HEADERS (RFC 9113, section 6.2). */
export function receiveHeaders(connection: ConnectionContext, frame: Frame): void {
  const { streamId } = frame
  const errorCode = (streamId & 1) === 0 ? PROTOCOL_ERROR : unpad(frame)
  if (errorCode !== NO_ERROR) {
    connection.fail(errorCode)
    return
  }
  if (frame.has(FLAG_PRIORITY)) {
    if (frame.length < PRIORITY_BYTES) {
      connection.fail(frame.has(FLAG_PADDED) ? PROTOCOL_ERROR : FRAME_SIZE_ERROR)
      return
    }
    if (uint31(frame.octets, frame.start) === streamId) refuseSelfDependent(connection, streamId)
    frame.start += PRIORITY_BYTES
  }
  if (frame.has(FLAG_END_HEADERS)) receiveBlock(connection, frame)
  else connection.block.begin(frame)
}

/** CONTINUATION (section 6.10), of the block that has begun. */
export function receiveContinuation(connection: ConnectionContext, frame: Frame): void {
  const { block } = connection
  if (!connection.charge(COST.frame)) return
  if (!block.goOn(frame)) {
    connection.fail(ENHANCE_YOUR_CALM)
    return
  }
  if (!frame.has(FLAG_END_HEADERS)) return
  block.end(frame)
  receiveBlock(connection, frame)
}

/** A stream that depends on itself is refused, although priorities have no meaning any more (RFC 7540, section 5.3.1). */
function refuseSelfDependent(connection: ConnectionContext, streamId: number): void {
  const { streams } = connection
  const stream = streams.get(streamId)
  if (stream !== undefined) refuse(connection, stream, PROTOCOL_ERROR)
  else if (streams.isIdle(streamId)) {
    streams.use(streamId)
    refuseUnopened(connection, streamId, PROTOCOL_ERROR)
  }
}

/** A whole block. It is decoded whatever becomes of its stream: those that follow mean what they mean after it. */
function receiveBlock(connection: ConnectionContext, frame: Frame): void {
  let head: ReadHead
  try {
    head = connection.decoder.decode(frame.octets, frame.start, frame.end)
  } catch (reason) {
    if (!(reason instanceof HpackError)) throw reason
    connection.fail(COMPRESSION_ERROR)
    return
  }
  const { streams } = connection
  if (frame.streamId > streams.highest) {
    streams.use(frame.streamId)
    receiveRequest(connection, head, frame)
    return
  }
  const stream = streams.get(frame.streamId)
  if (stream?.incoming.isOpen !== true) receiveOnClosed(connection, stream, frame)
  else receiveTrailers(connection, head, { stream, isEnd: frame.has(FLAG_END_STREAM) })
}

function receiveRequest(connection: ConnectionContext, head: ReadHead, frame: Frame): void {
  const { streams, limits, handler } = connection
  const { streamId } = frame
  if (connection.shutdown.isFinal) {
    // The client knows by our last GOAWAY that nothing comes of it (section 6.8).
    streams.closed.remember(streamId, 'reset-by-us')
    return
  }
  if (streams.places >= limits.streamsMax) {
    refuseForNow(connection, streamId)
    return
  }
  const isWhole = frame.has(FLAG_END_STREAM)
  if (!head.isTooLarge && (!head.isRequest || (isWhole && head.contentLength > 0))) {
    refuseUnopened(connection, streamId, PROTOCOL_ERROR)
    return
  }
  // Its answer earns less than that. Before the stream is there: the handler must not be told of the end of one that it does not know.
  if (head.isTooLarge && !connection.charge(COST.mistake)) return
  const incoming = new Incoming(connection.clock, head)
  if (!connection.requests.take(incoming.ownBytes)) {
    refuseToHold(connection, streamId)
    return
  }
  const stream = new Stream(streamId, connection, incoming)
  incoming.isOpen = !isWhole
  streams.add(stream)
  if (head.isTooLarge) {
    stream.respond(handler.tooLargeAnswer ?? TOO_LARGE_ANSWER, null, null)
    return
  }
  handler.onRequest(stream, head, isWhole)
  if (head.expectsContinue && !isWhole) stream.goAhead()
}

/**
 * A stream beyond the most. It costs nothing where only those are in the way that their client has given up, and little before the
 * client knows how many there may be.
 */
function refuseForNow(connection: ConnectionContext, streamId: number): void {
  const { streams, limits, writer } = connection
  if (streams.size >= limits.streamsMax) {
    if (!connection.charge(connection.clock.hasSettled ? COST.refusal : COST.frame)) return
  }
  connection.counts.streams.places += 1
  streams.closed.remember(streamId, 'reset-by-us')
  writer.rstStream(streamId, REFUSED_STREAM)
}

/** There are too many octets here already; later the client may find room. */
function refuseToHold(connection: ConnectionContext, streamId: number): void {
  if (!connection.charge(COST.frame)) return
  connection.counts.streams.octets += 1
  connection.streams.closed.remember(streamId, 'reset-by-us')
  connection.writer.rstStream(streamId, REFUSED_STREAM)
}

function receiveTrailers(connection: ConnectionContext, head: ReadHead, { stream, isEnd }: Trailers): void {
  const { incoming } = stream
  const isShort = incoming.expectedBytes > incoming.bytes
  if (!isEnd || isShort || (!head.isTrailers && !head.isTooLarge)) {
    refuse(connection, stream, PROTOCOL_ERROR)
    return
  }
  incoming.isOpen = false
  endRequest(connection, stream)
}

interface Trailers {
  readonly stream: Stream
  readonly isEnd: boolean
}
