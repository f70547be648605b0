import type { ConnectionContext } from './connection-context.ts'
import { FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, NO_ERROR, PROTOCOL_ERROR } from './error-codes.ts'
import { FLAG_ACK, type Frame, uint31 } from './frame.ts'
import { ALIVE_MARK, LEAVING_MARK } from './ping-marks.ts'
import { COST } from './point-budget.ts'
import { readSettings, SETTING_BYTES } from './settings.ts'
import { giveUp, refuse } from './stream-ends.ts'

const PRIORITY_BYTES = 5
const RST_STREAM_BYTES = 4
const PING_BYTES = 8
const GOAWAY_BYTES_MIN = 8
const WINDOW_UPDATE_BYTES = 4

/** PRIORITY (RFC 9113, section 6.3): says nothing to us, on whatever stream. */
export function receivePriority(connection: ConnectionContext, frame: Frame): void {
  const { streamId } = frame
  if (streamId === 0) {
    connection.fail(PROTOCOL_ERROR)
    return
  }
  if (!connection.charge(COST.frame)) return
  const isShort = frame.length !== PRIORITY_BYTES
  if (!isShort && uint31(frame.octets, frame.start) !== streamId) return
  const errorCode = isShort ? FRAME_SIZE_ERROR : PROTOCOL_ERROR
  const stream = connection.streams.get(streamId)
  if (stream !== undefined) refuse(connection, stream, errorCode)
  // A stream that is idle cannot be reset (section 6.4).
  else if (connection.streams.isIdle(streamId)) connection.fail(errorCode)
  else if (connection.charge(COST.mistake)) connection.writer.rstStream(streamId, errorCode)
}

/** RST_STREAM (section 6.4). */
export function receiveRstStream(connection: ConnectionContext, frame: Frame): void {
  const { streams } = connection
  if (frame.length !== RST_STREAM_BYTES) {
    connection.fail(FRAME_SIZE_ERROR)
    return
  }
  if (streams.isIdle(frame.streamId)) {
    connection.fail(PROTOCOL_ERROR)
    return
  }
  const stream = streams.get(frame.streamId)
  if (stream !== undefined) giveUp(connection, stream)
  // Of an answer that was on its way, or of a reset.
  else connection.chargeUnlessForgiven(COST.frame)
}

/** SETTINGS (section 6.5). */
export function receiveSettings(connection: ConnectionContext, frame: Frame): void {
  const isAck = frame.has(FLAG_ACK)
  if (frame.streamId !== 0) connection.fail(PROTOCOL_ERROR)
  else if (isAck ? frame.length !== 0 : frame.length % SETTING_BYTES !== 0) connection.fail(FRAME_SIZE_ERROR)
  else if (isAck) {
    if (!connection.clock.settle()) connection.charge(COST.frame)
  } else takeSettings(connection, frame)
}

function takeSettings(connection: ConnectionContext, frame: Frame): void {
  if (!connection.charge(COST.settings + (frame.length / SETTING_BYTES) * COST.setting)) return
  const { encoder, sending, streams, writer } = connection
  const errorCode = readSettings(frame, {
    onTableSize: (bytes) => encoder.setTableBytesMax(bytes),
    onInitialWindow: (bytes) => sending.changeInitialWindow(bytes, streams.all()),
  })
  if (errorCode !== NO_ERROR) {
    connection.fail(errorCode)
    return
  }
  writer.settingsAck()
  sending.pump()
}

/** PING (section 6.7). */
export function receivePing(connection: ConnectionContext, frame: Frame): void {
  const { octets, start } = frame
  if (frame.streamId !== 0) connection.fail(PROTOCOL_ERROR)
  else if (frame.length !== PING_BYTES) connection.fail(FRAME_SIZE_ERROR)
  else if (frame.has(FLAG_ACK)) receivePong(connection, octets.readDoubleBE(start))
  else if (connection.charge(COST.frame)) connection.writer.pingAck(octets, start)
}

/** An answer to a PING of ours, or of nobody. */
function receivePong(connection: ConnectionContext, mark: number): void {
  const isOurs = mark === ALIVE_MARK || (mark === LEAVING_MARK && connection.shutdown.onPong())
  if (!isOurs) connection.charge(COST.frame)
}

/** GOAWAY (section 6.8): a client ends by closing, since we open no streams. */
export function receiveGoaway(connection: ConnectionContext, frame: Frame): void {
  if (frame.streamId !== 0) connection.fail(PROTOCOL_ERROR)
  else if (frame.length < GOAWAY_BYTES_MIN) connection.fail(FRAME_SIZE_ERROR)
  else connection.charge(COST.frame)
}

/** WINDOW_UPDATE (section 6.9). */
export function receiveWindowUpdate(connection: ConnectionContext, frame: Frame): void {
  const { streamId } = frame
  if (frame.length !== WINDOW_UPDATE_BYTES) {
    connection.fail(FRAME_SIZE_ERROR)
    return
  }
  if (!connection.charge(COST.frame)) return
  const increment = uint31(frame.octets, frame.start)
  if (streamId === 0) widenConnection(connection, increment)
  else if (connection.streams.isIdle(streamId)) connection.fail(PROTOCOL_ERROR)
  else widenStream(connection, streamId, increment)
}

function widenConnection(connection: ConnectionContext, increment: number): void {
  const { sending } = connection
  if (increment === 0) connection.fail(PROTOCOL_ERROR)
  else if (sending.widen(increment)) sending.pump()
  else connection.fail(FLOW_CONTROL_ERROR)
}

function widenStream(connection: ConnectionContext, streamId: number, increment: number): void {
  const { sending, streams } = connection
  const stream = streams.get(streamId)
  // One that was sent before the client knew that the stream has ended.
  if (stream === undefined) return
  if (increment === 0) refuse(connection, stream, PROTOCOL_ERROR)
  else if (!sending.widenStream(stream, increment)) refuse(connection, stream, FLOW_CONTROL_ERROR)
  else while (stream.sendWaiting());
}
