import { hash } from 'node:crypto'

const BLOCK_BYTES = 64
/** Of messages that need no memory of their own. */
const SHORT_BYTES = 4096
/** Most bytes of a character. */
const CHARACTER_BYTES = 3

/** HMAC-SHA-256 (RFC 2104) under one key, by hashes of one step: about twice as fast as `createHmac` for short messages. */
export function quickHmac(key: string | Buffer): (message: string) => Buffer {
  const write = quickHmacText(key, 'binary')
  return (message) => Buffer.from(write(message), 'binary')
}

/** The same as a text. */
export function quickHmacText(
  key: string | Buffer,
  encoding: 'base64url' | 'binary',
): (message: string) => string {
  const given = Buffer.from(key)
  const short = given.length > BLOCK_BYTES ? hash('sha256', given, 'buffer') : given
  // The pads stand in front of what is hashed, which is written behind them each time.
  const inner = padded(short, { pad: 0x36, room: SHORT_BYTES })
  const outer = padded(short, { pad: 0x5c, room: 32 })
  return (message) => {
    const first = hash('sha256', innerOf(message), 'binary')
    outer.write(first, BLOCK_BYTES, 'binary')
    return hash('sha256', outer, encoding)
  }

  function innerOf(message: string): Buffer {
    if (message.length * CHARACTER_BYTES > SHORT_BYTES) {
      return Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.from(message)])
    }
    return inner.subarray(0, BLOCK_BYTES + inner.write(message, BLOCK_BYTES))
  }
}

function padded(key: Buffer, { pad, room }: { readonly pad: number; readonly room: number }): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES + room, pad)
  for (const [i, byte] of key.entries()) block[i] = byte ^ pad
  return block
}
