import type { ConnectionContext } from './connection-context.ts'
import {
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  NO_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
} from './error-codes.ts'
import { FLAG_END_STREAM, type Frame, unpad } from './frame.ts'
import type { Incoming } from './incoming.ts'
import { COST } from './point-budget.ts'
import { receiveOnClosed } from './receive-on-closed.ts'
import { INITIAL_WINDOW_BYTES } from './settings.ts'
import type { Stream } from './stream.ts'
import { endRequest, refuse } from './stream-ends.ts'

/** A window is given back once half of it is used: more often would cost frames, more seldom would make clients wait. */
const GIVEN_BACK_BYTES = INITIAL_WINDOW_BYTES >> 1

/** DATA (RFC 9113, section 6.1). */
export function receiveData(connection: ConnectionContext, frame: Frame): void {
  const { streamId, length } = frame
  const errorCode = connection.streams.isIdle(streamId) ? PROTOCOL_ERROR : unpad(frame)
  if (errorCode !== NO_ERROR) {
    connection.fail(errorCode)
    return
  }
  connection.window.giveBack(length, connection.writer)
  const stream = connection.streams.get(streamId)
  if (stream?.incoming.isOpen !== true) {
    receiveOnClosed(connection, stream, frame)
    return
  }
  const isEnd = frame.has(FLAG_END_STREAM)
  if (frame.length === 0 && !isEnd && !connection.charge(COST.frame)) return
  const mistake = count(stream.incoming, length, frame)
  if (mistake !== NO_ERROR) refuse(connection, stream, mistake)
  else if (isEnd) takeLast(connection, stream, frame)
  else take(connection, stream, frame)
}

/** The handler has no more use for octets of a body, for which the client gets a window. */
export function release(connection: ConnectionContext, stream: Stream, octets: number): void {
  const { incoming } = stream
  const bytes = Math.min(octets, incoming.heldBytes)
  incoming.heldBytes -= bytes
  connection.requests.give(bytes)
  incoming.freeBytes += bytes
  giveBack(connection, stream)
}

/** Counts what arrives, and answers the code of what is wrong with it. Windows count the `length` with its padding. */
function count(incoming: Incoming, length: number, frame: Frame): number {
  incoming.owedBytes += length
  incoming.freeBytes += length - frame.length
  incoming.bytes += frame.length
  if (incoming.owedBytes > INITIAL_WINDOW_BYTES) return FLOW_CONTROL_ERROR
  if (incoming.expectedBytes === -1) return NO_ERROR
  // RFC 9113, section 8.1.1.
  const isWrong = frame.has(FLAG_END_STREAM)
    ? incoming.bytes !== incoming.expectedBytes
    : incoming.bytes > incoming.expectedBytes
  return isWrong ? PROTOCOL_ERROR : NO_ERROR
}

function take(connection: ConnectionContext, stream: Stream, frame: Frame): void {
  const { incoming } = stream
  const bytes = frame.length
  // Of a request that is answered the rest is thrown away, and there is no need to have it sent.
  if (stream.hasEnded) return
  if (bytes > 0) {
    if (!connection.requests.take(bytes)) {
      // Nothing is done for a request that is not whole, unless its parts are taken one by one.
      connection.shed(stream, incoming.isHeld ? ENHANCE_YOUR_CALM : REFUSED_STREAM, 'octets')
      return
    }
    incoming.heldBytes += bytes
    connection.handler.onData(stream, frame.octets, frame.start, frame.end)
    if (stream.hasEnded) return
    if (!incoming.isHeld) incoming.freeBytes += bytes
  }
  giveBack(connection, stream)
}

function takeLast(connection: ConnectionContext, stream: Stream, frame: Frame): void {
  const { incoming } = stream
  incoming.isOpen = false
  if (frame.length > 0 && !stream.hasEnded) {
    connection.handler.onData(stream, frame.octets, frame.start, frame.end)
  }
  endRequest(connection, stream)
}

function giveBack(connection: ConnectionContext, stream: Stream): void {
  const { incoming } = stream
  if (!incoming.isOpen || incoming.freeBytes === 0 || incoming.owedBytes < GIVEN_BACK_BYTES) return
  connection.writer.windowUpdate(stream.id, incoming.freeBytes)
  incoming.owedBytes -= incoming.freeBytes
  incoming.freeBytes = 0
}
