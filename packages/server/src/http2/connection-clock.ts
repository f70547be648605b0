/** What a connection knows of time. It is counted in sweeps, one a second, so that no request needs a timer. */
export class ConnectionClock {
  /** Sweeps so far. */
  now = 0
  /** When octets were read last: in whole milliseconds, and in sweeps. */
  readMs = 0
  heardAt = 0
  /** Whether the client knows our settings. */
  hasSettled = false
  /** Whether the connection has no age. */
  isKept = false

  /** Octets have come. */
  heard(nowMs: number): void {
    this.readMs = Math.floor(nowMs)
    this.heardAt = this.now
  }

  /** The client has acknowledged our settings; false where it had before. */
  settle(): boolean {
    const isFirst = !this.hasSettled
    this.hasSettled = true
    return isFirst
  }
}
