import type { Socket } from 'node:net'
import { DRAIN_MS, KEEPALIVE_MS, UNDER_WAY_MAX, UNSENT_BYTES_MAX } from './limits.ts'
import { errorReply } from './reply.ts'
import { ProtocolError, RequestParser } from './request-parser.ts'
import type { Session } from './resp-session.ts'
import { StallTimer } from './stall-timer.ts'

/** A reply that is not there yet, in its place. */
interface Place {
  text: string | null
}

/**
 * One client: reads commands, and writes replies in their order, those of one piece of input together. What is not taken stops
 * the reading, and a client that stalls is cut off.
 */
export class Connection {
  readonly #socket: Socket
  readonly #session: Session
  readonly #parser = new RequestParser()
  /** Replies from the first that is missing on. */
  #places: Place[] = []
  #ready = ''
  /** Characters of replies that are there and not written. */
  #held = 0
  /** Pieces of input so far. */
  #chunks = 0
  /** Characters written so far, and how many of them the client owes the taking of since its timer runs. */
  #written = 0
  #owed = 0
  #isPaused = false
  /** Whether the last reading ended for want of room. */
  #hasStopped = false
  #isDraining = false
  /** Takes no more commands: what comes is not even read. */
  #isEnding = false
  readonly #lateCommand = new StallTimer(() => this.#socket.destroy())
  readonly #lateReader = new StallTimer(() => this.#checkReader())
  readonly #lateToLeave = new StallTimer(() => this.#socket.destroy())

  constructor(socket: Socket, session: Session) {
    this.#socket = socket
    this.#session = session
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEPALIVE_MS)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('drain', () => this.#goOn())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#lateCommand.stop()
      this.#lateReader.stop()
      this.#lateToLeave.stop()
    })
  }

  /** Closes as soon as nothing has begun that is not answered, at the latest after {@link DRAIN_MS} between two commands. */
  drain(): void {
    this.#isDraining = true
    const latest = setTimeout(() => this.#end(), DRAIN_MS).unref()
    this.#socket.once('close', () => clearTimeout(latest))
    this.#flush()
  }

  /** Ends at once, answered or not. */
  destroy(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#isEnding) return
    this.#chunks += 1
    this.#parser.push(chunk)
    this.#read()
  }

  #read(): void {
    try {
      while (!this.#isEnding && !this.#isFull) {
        const command = this.#parser.next()
        if (command === null) break
        this.#lateCommand.stop()
        if (command.length > 0) this.#answer(this.#session.handle(command))
        // A web page may send a request of HTTP here, whose body holds commands.
        if (this.#parser.isInline && command.length > 0 && !this.#session.knows(command[0] as string)) {
          this.#isEnding = true
        }
        if (this.#session.hasQuit) this.#isEnding = true
      }
    } catch (reason) {
      if (!(reason instanceof ProtocolError)) throw reason
      // Where the next command begins is not known any more.
      this.#answer(errorReply('ERR', `Protocol error: ${reason.message}`))
      this.#isEnding = true
    }
    // Of what was read there may be more than replies have room for now.
    this.#hasStopped = this.#isFull
    this.#flush()
  }

  #answer(text: string | Promise<string>): void {
    if (typeof text === 'string') this.#held += text.length
    if (typeof text === 'string' && this.#places.length === 0) {
      this.#ready += text
      return
    }
    const place: Place = { text: typeof text === 'string' ? text : null }
    this.#places.push(place)
    if (typeof text === 'string') return
    void text.then((late) => {
      place.text = late
      this.#held += late.length
      if (this.#places[0] === place) this.#moveUp()
    })
  }

  /** Replies that are there now, up to the next that is missing. */
  #moveUp(): void {
    const missing = this.#places.findIndex(({ text }) => text === null)
    const count = missing === -1 ? this.#places.length : missing
    for (const { text } of this.#places.splice(0, count)) this.#ready += text
    this.#flush()
    this.#goOn()
  }

  #flush(): void {
    const socket = this.#socket
    if (socket.destroyed) return
    if (this.#ready !== '') {
      this.#written += this.#ready.length
      this.#held -= this.#ready.length
      socket.write(this.#ready, encodingOf(this.#ready))
      this.#ready = ''
    }
    if (socket.writableLength > 0 && !this.#lateReader.isRunning) {
      this.#owed = this.#written
      this.#lateReader.start()
    }
    if (this.#isEnding) {
      this.#leave()
      return
    }
    if (this.#isDraining && this.#isIdle) this.#endInPause()
    if (this.#hasStopped && !this.#isPaused) {
      this.#isPaused = true
      socket.pause()
      // Where all was taken at once nothing else tells, and others have their turn first.
      if (!this.#isFull) setImmediate(() => this.#goOn())
    }
    if (this.#parser.isInside && !this.#isPaused) this.#lateCommand.start()
    else this.#lateCommand.stop()
  }

  get #isFull(): boolean {
    if (this.#places.length >= UNDER_WAY_MAX) return true
    return this.#held + this.#socket.writableLength > UNSENT_BYTES_MAX
  }

  get #isIdle(): boolean {
    return this.#places.length === 0 && !this.#parser.isInside
  }

  /** Ends unless more has arrived by now, of which the system may just not have told. */
  #endInPause(): void {
    const chunks = this.#chunks
    // From one turn into the next it is looked at sockets.
    setImmediate(() =>
      setImmediate(() => {
        if (chunks === this.#chunks && this.#isIdle) this.#end()
      }),
    )
  }

  #end(): void {
    this.#isEnding = true
    this.#flush()
  }

  /**
   * Says goodbye behind the last reply. What still comes is thrown away: were it left unread, the system would reset the
   * connection, and the last replies with it.
   */
  #leave(): void {
    this.#lateCommand.stop()
    if (this.#places.length > 0) return
    this.#socket.end()
    this.#socket.resume()
    this.#lateToLeave.start()
  }

  /** Reads on once there is room again. */
  #goOn(): void {
    if (!this.#isPaused || this.#isEnding || this.#isFull) return
    this.#isPaused = false
    this.#socket.resume()
    this.#read()
  }

  /** Node tells of a buffer that was full and is empty, but not of one that was never full: so it is counted what was taken. */
  #checkReader(): void {
    const { writableLength } = this.#socket
    if (this.#written - writableLength < this.#owed) this.#socket.destroy()
    else if (writableLength > 0) {
      this.#owed = this.#written
      this.#lateReader.start()
    }
  }
}

/** Nearly all replies are ASCII, and are written several times as fast where Node is told that each character is a byte. */
function encodingOf(text: string): 'latin1' | 'utf8' {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: replies end their lines by them
  return /[^\x00-\x7f]/.test(text) ? 'utf8' : 'latin1'
}
