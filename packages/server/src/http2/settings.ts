import { FLOW_CONTROL_ERROR, NO_ERROR, PROTOCOL_ERROR } from './error-codes.ts'
import { FRAME_BYTES_MAX, type Frame, MAX_31_BITS, uint32 } from './frame.ts'

/** Identifiers of settings (RFC 9113, section 6.5.2). */
const HEADER_TABLE_SIZE = 0x1
const ENABLE_PUSH = 0x2
const MAX_CONCURRENT_STREAMS = 0x3
const INITIAL_WINDOW_SIZE = 0x4
const MAX_FRAME_SIZE = 0x5
const MAX_HEADER_LIST_SIZE = 0x6

export const SETTING_BYTES = 6
const MAX_FRAME_SIZE_MAX = 0xff_ffff

/** Both ways, before settings say something else. */
export const INITIAL_WINDOW_BYTES = 65_535
/** Most octets of a list of fields, as HPACK counts them. */
export const LIST_BYTES_MAX = 16 * 1024
export const TABLE_BYTES_MAX = 4096

/** Our settings; for the rest those hold that every client assumes. */
export function ourSettings(streamsMax: number): readonly (readonly [id: number, value: number])[] {
  return [
    [MAX_CONCURRENT_STREAMS, streamsMax],
    [MAX_HEADER_LIST_SIZE, LIST_BYTES_MAX],
  ]
}

/** What a client's settings change here. */
export interface SettingsReader {
  onTableSize(bytes: number): void
  /** False where a window would overflow. */
  onInitialWindow(bytes: number): boolean
}

/** Reads a SETTINGS frame, of whole settings, in their order; answers the error code, if that of no error. */
export function readSettings(frame: Frame, reader: SettingsReader): number {
  for (let at = frame.start; at < frame.end; at += SETTING_BYTES) {
    const id = frame.octets.readUInt16BE(at)
    const value = uint32(frame.octets, at + 2)
    const errorCode = readSetting(id, value, reader)
    if (errorCode !== NO_ERROR) return errorCode
  }
  return NO_ERROR
}

function readSetting(id: number, value: number, reader: SettingsReader): number {
  switch (id) {
    case HEADER_TABLE_SIZE:
      reader.onTableSize(value)
      return NO_ERROR
    case ENABLE_PUSH:
      return value > 1 ? PROTOCOL_ERROR : NO_ERROR
    case INITIAL_WINDOW_SIZE:
      return value <= MAX_31_BITS && reader.onInitialWindow(value) ? NO_ERROR : FLOW_CONTROL_ERROR
    case MAX_FRAME_SIZE:
      // Every frame of ours is as short as the least of these.
      return value < FRAME_BYTES_MAX || value > MAX_FRAME_SIZE_MAX ? PROTOCOL_ERROR : NO_ERROR
    default:
      return NO_ERROR
  }
}
