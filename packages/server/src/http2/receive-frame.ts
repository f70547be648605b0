import type { ConnectionContext } from './connection-context.ts'
import { PROTOCOL_ERROR } from './error-codes.ts'
import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  type Frame,
  GOAWAY,
  HEADERS,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame.ts'
import { COST } from './point-budget.ts'
import {
  receiveGoaway,
  receivePing,
  receivePriority,
  receiveRstStream,
  receiveSettings,
  receiveWindowUpdate,
} from './receive-control.ts'
import { receiveData } from './receive-data.ts'
import { receiveContinuation, receiveHeaders } from './receive-headers.ts'

/** A frame of a client, wherever the connection stands. */
export function receiveFrame(connection: ConnectionContext, frame: Frame): void {
  if (isInPlace(connection, frame)) receiveByType(connection, frame)
  else connection.fail(PROTOCOL_ERROR)
}

/** Settings come first, as the rest of the preface (RFC 9113, section 3.4), and nothing comes within a header block (section 4.3). */
function isInPlace(connection: ConnectionContext, frame: Frame): boolean {
  const { block } = connection
  if (block.isOpen) return frame.type === CONTINUATION && frame.streamId === block.streamId
  if (connection.hasSettings) return frame.type !== CONTINUATION
  connection.hasSettings = frame.type === SETTINGS && !frame.has(FLAG_ACK)
  return connection.hasSettings
}

function receiveByType(connection: ConnectionContext, frame: Frame): void {
  switch (frame.type) {
    case DATA:
      receiveData(connection, frame)
      break
    case HEADERS:
      receiveHeaders(connection, frame)
      break
    case PRIORITY:
      receivePriority(connection, frame)
      break
    case RST_STREAM:
      receiveRstStream(connection, frame)
      break
    case SETTINGS:
      receiveSettings(connection, frame)
      break
    case PUSH_PROMISE:
      // Clients cannot push (section 8.4).
      connection.fail(PROTOCOL_ERROR)
      break
    case PING:
      receivePing(connection, frame)
      break
    case GOAWAY:
      receiveGoaway(connection, frame)
      break
    case WINDOW_UPDATE:
      receiveWindowUpdate(connection, frame)
      break
    case CONTINUATION:
      receiveContinuation(connection, frame)
      break
    default:
      // What we do not know means nothing (section 5.5).
      connection.charge(COST.frame)
  }
}
