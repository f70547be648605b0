const NOTHING: Buffer = Buffer.alloc(0)

/** Octets that wait to be read, in one buffer, which is as large as they are: kept as messages, many small ones would be far more. */
export class WaitingOctets {
  #octets: Buffer = NOTHING
  #start = 0
  #end = 0

  get isEmpty(): boolean {
    return this.#start === this.#end
  }

  /** Takes a copy of those from `start` to `end`. */
  add(octets: Buffer, start: number, end: number): void {
    const bytes = end - start
    if (this.#end + bytes > this.#octets.length) this.#makeRoom(bytes)
    octets.copy(this.#octets, this.#end, start, end)
    this.#end += bytes
  }

  /** Has them read: `read` returns where it has stopped. */
  read(read: (octets: Buffer, start: number, end: number) => number): void {
    this.#start = read(this.#octets, this.#start, this.#end)
    if (this.isEmpty) this.clear()
  }

  clear(): void {
    this.#octets = NOTHING
    this.#start = 0
    this.#end = 0
  }

  #makeRoom(bytes: number): void {
    const waiting = this.#octets.subarray(this.#start, this.#end)
    const needed = waiting.length + bytes
    const isSmall = 2 * needed > this.#octets.length
    const room = isSmall ? Buffer.allocUnsafeSlow(needed + (needed >> 1)) : this.#octets
    waiting.copy(room)
    this.#octets = room
    this.#start = 0
    this.#end = waiting.length
  }
}
