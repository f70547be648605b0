/** Frames, as RFC 9113, sections 4.1 and 6, lays them out. */

import { FRAME_SIZE_ERROR, NO_ERROR, PROTOCOL_ERROR } from './error-codes.ts'

export const DATA = 0x0
export const HEADERS = 0x1
export const PRIORITY = 0x2
export const RST_STREAM = 0x3
export const SETTINGS = 0x4
export const PUSH_PROMISE = 0x5
export const PING = 0x6
export const GOAWAY = 0x7
export const WINDOW_UPDATE = 0x8
export const CONTINUATION = 0x9

export const FLAG_END_STREAM = 0x1
export const FLAG_ACK = 0x1
export const FLAG_END_HEADERS = 0x4
export const FLAG_PADDED = 0x8
export const FLAG_PRIORITY = 0x20

export const FRAME_HEAD_BYTES = 9
/** The most of a payload, both ways: what every peer has to take, and we take no more. */
export const FRAME_BYTES_MAX = 16_384
/** Stream identifiers and windows have 31 bits. */
export const MAX_31_BITS = 0x7fff_ffff

const NOTHING: Buffer = Buffer.alloc(0)

/** A frame that has been read: valid until the next one is, since it is used again. */
export class Frame {
  type = 0
  flags = 0
  streamId = 0
  /** Its payload is that from `start` to `end`. */
  octets: Buffer = NOTHING
  start = 0
  end = 0

  get length(): number {
    return this.end - this.start
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0
  }
}

/** The 32 bits at `at`. */
export function uint32(octets: Buffer, at: number): number {
  return ((octets[at] as number) * 0x100_0000 + (uint24(octets, at + 1) as number)) >>> 0
}

/** The 31 bits at `at`, without the reserved one before them. */
export function uint31(octets: Buffer, at: number): number {
  return uint32(octets, at) & MAX_31_BITS
}

export function uint24(octets: Buffer, at: number): number {
  return ((octets[at] as number) << 16) | ((octets[at + 1] as number) << 8) | (octets[at + 2] as number)
}

/** Leaves padding out (RFC 9113, section 6.1), and answers the code of a connection error, if that of no error. */
export function unpad(frame: Frame): number {
  if (!frame.has(FLAG_PADDED)) return NO_ERROR
  if (frame.length === 0) return FRAME_SIZE_ERROR
  const padding = frame.octets[frame.start] as number
  frame.start += 1
  frame.end -= padding
  return frame.end >= frame.start ? NO_ERROR : PROTOCOL_ERROR
}
