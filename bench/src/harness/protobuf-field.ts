/** A field of protobuf that has a length. */
export function field(number: number, bytes: Buffer): Buffer {
  const { length } = bytes
  const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7]
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...size]), bytes])
}
