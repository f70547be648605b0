import type { Socket } from 'node:net'
import { KEEPALIVE_MS, UNDER_WAY_MAX, UNSENT_BYTES_MAX } from './limits.ts'
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
  #isPaused = false
  #isEnding = false
  readonly #lateCommand = new StallTimer(() => this.#socket.destroy())
  readonly #lateReader = new StallTimer(() => this.#socket.destroy())

  constructor(socket: Socket, session: Session) {
    this.#socket = socket
    this.#session = session
    socket.setNoDelay(true)
    socket.setKeepAlive(true, KEEPALIVE_MS)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('drain', () => {
      this.#lateReader.stop()
      this.#goOn()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#lateCommand.stop()
      this.#lateReader.stop()
    })
  }

  /** Takes no more commands; closes once those under way are answered. */
  drain(): void {
    this.#isEnding = true
    this.#socket.pause()
    this.#flush()
  }

  /** Ends at once, answered or not. */
  destroy(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#isEnding) return
    this.#parser.push(chunk)
    this.#read()
  }

  #read(): void {
    try {
      while (!this.#isEnding && this.#places.length < UNDER_WAY_MAX) {
        const command = this.#parser.next()
        if (command === null) break
        this.#lateCommand.stop()
        if (command.length > 0) this.#answer(this.#session.handle(command))
        if (this.#session.hasQuit) this.#isEnding = true
      }
    } catch (reason) {
      if (!(reason instanceof ProtocolError)) throw reason
      // Where the next command begins is not known any more.
      this.#answer(errorReply('ERR', `Protocol error: ${reason.message}`))
      this.#isEnding = true
    }
    this.#flush()
  }

  #answer(text: string | Promise<string>): void {
    if (typeof text === 'string' && this.#places.length === 0) {
      this.#ready += text
      return
    }
    const place: Place = { text: typeof text === 'string' ? text : null }
    this.#places.push(place)
    if (typeof text === 'string') return
    void text.then((late) => {
      place.text = late
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
    const { writableLength } = this.#socket
    if (this.#ready !== '' && !this.#socket.destroyed) {
      this.#socket.write(this.#ready)
      this.#ready = ''
    }
    if (this.#isEnding && this.#places.length === 0) this.#socket.end()
    const isFull = writableLength > UNSENT_BYTES_MAX || this.#places.length >= UNDER_WAY_MAX
    if (isFull && !this.#isPaused) {
      this.#isPaused = true
      this.#socket.pause()
    }
    if (this.#socket.writableLength > 0) this.#lateReader.start()
    if (this.#parser.isInside && !this.#isPaused) this.#lateCommand.start()
    else this.#lateCommand.stop()
  }

  /** Reads on once there is room again. */
  #goOn(): void {
    if (!this.#isPaused || this.#isEnding) return
    if (this.#places.length >= UNDER_WAY_MAX || this.#socket.writableLength > UNSENT_BYTES_MAX) return
    this.#isPaused = false
    this.#socket.resume()
    this.#read()
  }
}
