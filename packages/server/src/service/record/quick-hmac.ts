import { hash } from 'node:crypto'

const BLOCK_BYTES = 64

/** HMAC-SHA-256 (RFC 2104) under one key, by hashes of one step: several times as fast as `createHmac` for short messages. */
export function quickHmac(key: string | Buffer): (message: string) => Buffer {
  const given = Buffer.from(key)
  const short = given.length > BLOCK_BYTES ? hash('sha256', given, 'buffer') : given
  const [inner, outer] = [padded(short, 0x36), padded(short, 0x5c)]
  return (message) => {
    const first = hash('sha256', Buffer.concat([inner, Buffer.from(message)]), 'buffer')
    return hash('sha256', Buffer.concat([outer, first]), 'buffer')
  }
}

function padded(key: Buffer, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES, pad)
  for (const [i, byte] of key.entries()) block[i] = byte ^ pad
  return block
}
