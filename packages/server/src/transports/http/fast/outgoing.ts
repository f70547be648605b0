import type { Socket } from 'node:net'
import { answerText, isLast } from './answer-text.ts'
import type { FastAnswer } from './fast-request.ts'
import type { Lane } from './lane.ts'

/** Answers of one connection: those to all that was read at once leave together. */
export class Outgoing {
  readonly #socket: Socket
  readonly #lane: Lane
  #text = ''
  #hasAnswered = false

  constructor(socket: Socket, lane: Lane) {
    this.#socket = socket
    this.#lane = lane
  }

  /** How many octets are not written yet. */
  get length(): number {
    return this.#text.length
  }

  /** Whether there has been an answer. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  /** Puts an answer behind those that are not written; answers whether it is the last one. */
  put(answer: FastAnswer): boolean {
    this.#hasAnswered = true
    this.#lane.onAnswered()
    try {
      return this.#putText(answer)
    } catch (reason) {
      return this.#putText(this.#lane.onFailure(reason))
    }
  }

  #putText(answer: FastAnswer): boolean {
    const { isDraining, endings } = this.#lane
    const said = isLast(answer)
    const told = isDraining && !said ? { ...answer, fields: [...answer.fields, CLOSE] } : answer
    this.#text += answerText(told, endings.of(said || isDraining))
    return said || isDraining
  }

  /** Writes answers; false where the client has to take some of them first. */
  flush(): boolean {
    const text = this.#text
    if (text === '' || !this.#socket.writable) return true
    this.#text = ''
    return this.#socket.write(text, 'latin1')
  }
}

const CLOSE = ['connection', 'close'] as const
