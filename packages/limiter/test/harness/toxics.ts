/** What a FaultProxy does to the bytes that pass it; switched while they pass. */

export class Toxics {
  delayMs = 0
  jitterMs = 0
  /** Null when nothing is throttled. */
  bytesPerSecond: number | null = null
  /** Largest piece in which bytes are passed on; null when they pass as they come. */
  sliceBytes: number | null = null
  /** Changes what the server answers. */
  mutate: ((chunk: Buffer) => Buffer) | null = null
  /** What is answered to anything, in place of the server. */
  nonsense: Buffer | null = null
  /** How many answers are still to be dropped, each with its connection. */
  repliesToDrop = 0
  readonly #gate = new Gate()

  /** Nothing passes until `open`. */
  hold(): void {
    this.#gate.close()
  }

  /** Resolves at once when nothing is held. */
  passage(): Promise<void> {
    return this.#gate.passage()
  }

  takeReplyToDrop(): boolean {
    if (this.repliesToDrop === 0) return false
    this.repliesToDrop -= 1
    return true
  }

  heal(): void {
    this.delayMs = 0
    this.jitterMs = 0
    this.bytesPerSecond = null
    this.sliceBytes = null
    this.mutate = null
    this.nonsense = null
    this.repliesToDrop = 0
    this.#gate.open()
  }
}

class Gate {
  #closed: PromiseWithResolvers<void> | null = null

  close(): void {
    this.#closed ??= Promise.withResolvers()
  }

  open(): void {
    this.#closed?.resolve()
    this.#closed = null
  }

  async passage(): Promise<void> {
    // It may be closed again before whoever waited has gone on.
    while (this.#closed !== null) await this.#closed.promise
  }
}

/** Pieces of at most so many bytes: 1, 2, … `largest`, and from 1 again. */
export function slices(chunk: Buffer, largest: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let start = 0, size = 1; start < chunk.length; start += size, size = (size % largest) + 1) {
    pieces.push(chunk.subarray(start, start + size))
  }
  return pieces
}

/** Inverts bits here and there, beginning with the byte that says what kind of reply follows. */
export function flipBits(chunk: Buffer): Buffer {
  const flipped = Buffer.from(chunk)
  for (let index = 0; index < flipped.length; index += 16) flipped[index] = (flipped[index] ?? 0) ^ 0x55
  return flipped
}
