const encoder = new TextEncoder()

/** Longest text in UTF-16 units that is written where the last one stood. */
const REUSED_LENGTH_MAX = 256
const reused = new Uint8Array(REUSED_LENGTH_MAX * 3)

/**
 * A text as UTF-8, with three bytes for each lone surrogate, as those of its number would be, so that no two texts are the same bytes:
 * a text encoder has one replacement for all of them. A view that the next call may overwrite.
 */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) return generalized(text)
  if (text.length > REUSED_LENGTH_MAX) return encoder.encode(text)
  return reused.subarray(0, encoder.encodeInto(text, reused).written)
}

function generalized(text: string): Uint8Array {
  const bytes: number[] = []
  for (const char of text) {
    if (char.isWellFormed()) bytes.push(...encoder.encode(char))
    else {
      const unit = char.charCodeAt(0)
      bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
    }
  }
  return Uint8Array.from(bytes)
}
