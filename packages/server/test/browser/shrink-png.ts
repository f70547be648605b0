/** Pictures as browsers draw them, made smaller: what they hold stays the same to the pixel. */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE_BYTES = 8
/** Length, name and checksum of a chunk. */
const FRAME_BYTES = 12
/** Where the width stands. */
const WIDTH_AT = 16

/** Of red, green and blue, as browsers draw pages. */
const PIXEL_BYTES = 3

/** Packs the pixels of a PNG without filters (PNG, section 9), which suit photographs more than pages. */
export function shrinkPng(png: Buffer): Buffer {
  const chunks = chunksOf(png)
  const packed = Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map(({ data }) => data))
  const rowBytes = png.readUInt32BE(WIDTH_AT) * PIXEL_BYTES
  const pixels = deflateSync(unfiltered(inflateSync(packed), rowBytes), { level: 9, memLevel: 9 })
  const first = chunks.findIndex(({ name }) => name === 'IDAT')
  const parts = chunks.flatMap(({ name, data }, i) => {
    if (name !== 'IDAT') return [chunkOf(name, data)]
    return i === first ? [chunkOf(name, pixels)] : []
  })
  return Buffer.concat([png.subarray(0, SIGNATURE_BYTES), ...parts])
}

/** Takes the filter off each row: a byte that names it goes before the row, and is 0 afterwards. */
function unfiltered(rows: Buffer, rowBytes: number): Buffer {
  const plain = Buffer.alloc(rows.length)
  for (let start = 0; start < rows.length; start += rowBytes + 1) {
    const filter = rows[start]
    for (let at = start + 1; at <= start + rowBytes; at++) {
      const isFirst = at <= start + PIXEL_BYTES
      const left = isFirst ? 0 : (plain[at - PIXEL_BYTES] ?? 0)
      const above = plain[at - rowBytes - 1] ?? 0
      const corner = isFirst ? 0 : (plain[at - rowBytes - 1 - PIXEL_BYTES] ?? 0)
      plain[at] = (rows[at] ?? 0) + predicted(filter, { left, above, corner })
    }
  }
  return plain
}

interface Neighbours {
  readonly left: number
  readonly above: number
  readonly corner: number
}

function predicted(filter: number | undefined, { left, above, corner }: Neighbours): number {
  switch (filter) {
    case 1:
      return left
    case 2:
      return above
    case 3:
      return (left + above) >> 1
    case 4:
      return nearest(left + above - corner, { left, above, corner })
    default:
      return 0
  }
}

/** Paeth's choice: among equals the left one, then the one above. */
function nearest(guess: number, { left, above, corner }: Neighbours): number {
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((one) => Math.abs(guess - one)) as [
    number,
    number,
    number,
  ]
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

interface Chunk {
  readonly name: string
  readonly data: Buffer
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const name = png.toString('latin1', at + 4, at + 8)
    chunks.push({ name, data: png.subarray(at + 8, at + 8 + length) })
    at += FRAME_BYTES + length
  }
  return chunks
}

function chunkOf(name: string, data: Buffer): Buffer {
  const framed = Buffer.alloc(FRAME_BYTES + data.length)
  framed.writeUInt32BE(data.length)
  framed.write(name, 4, 'latin1')
  data.copy(framed, 8)
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + data.length)), 8 + data.length)
  return framed
}
