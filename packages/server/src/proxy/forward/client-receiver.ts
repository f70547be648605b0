import type { Duplex } from 'node:stream'
import { problemAnswer } from '../answers/problem-answer.ts'
import { bodyTooLarge } from '../gates/limit-body.ts'
import { settle } from '../limits/settle-spends.ts'
import type { Exchange } from '../proxy-exchange.ts'
import { clientFields } from '../respond/client-fields.ts'
import { discardRest } from '../respond/discard-rest.ts'
import { endResponse } from '../respond/end-response.ts'
import { endWithBody, JOINED_BYTES_MAX } from '../respond/end-with-body.ts'
import { sendAnswer } from '../respond/own-response.ts'
import { sendHead } from '../respond/send-head.ts'
import type { Failure, Forwarding, Receiver } from '../upstream/forwarding.ts'
import { joinSockets } from './join-sockets.ts'

/** Passes the response of an upstream on to the client of an exchange. */
export class ClientReceiver implements Receiver {
  readonly #exchange: Exchange
  #forwarding: Forwarding | null = null
  readonly #startedMs: number = performance.now()
  #hasEnded = false
  #isHeadSent = false
  /** Octets of the body, as the head says; -1 where it does not. */
  #length = -1
  /** All of the body, which came with the head: its end comes with it too. */
  #whole: Buffer | null = null
  /** Whether the connection ends with the response, since the target answered before it had read the body. */
  #isEarly = false

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  /** Takes the forwarding whose response this is, and cancels it when the client goes. */
  follow(forwarding: Forwarding): void {
    this.#forwarding = forwarding
    this.#exchange.target = forwarding.target
    const { response } = this.#exchange
    response.on('close', () => {
      if (this.#hasEnded) return
      this.#hasEnded = true
      forwarding.abort()
    })
  }

  onHead(status: number, fields: string[], statusText: string): void {
    const exchange = this.#exchange
    this.#begin(status, fields)
    this.#length = lengthIn(fields)
    const all = clientFields(exchange, { fields, isOwn: false })
    this.#isEarly = !exchange.message.complete && this.#forwarding?.isBodyRead === false
    if (this.#isEarly) all.push('connection', 'close')
    sendHead(exchange, { status, fields: all, statusText })
    process.nextTick(flushHead, this)
  }

  onData(chunk: Buffer): boolean {
    this.#exchange.bytesOut += chunk.length
    if (!this.#isHeadSent && chunk.length === this.#length && chunk.length <= JOINED_BYTES_MAX) {
      this.#whole = chunk
      return true
    }
    this.#isHeadSent = true
    const { response } = this.#exchange
    const goesOn = response.write(chunk)
    if (!goesOn) response.once('drain', () => this.#forwarding?.resume())
    return goesOn
  }

  /** Sends the head by itself where no body came with it: the client may wait for no more than that. */
  flushHead(): void {
    if (this.#isHeadSent || this.#hasEnded) return
    this.#isHeadSent = true
    this.#exchange.response.flushHeaders()
  }

  onEnd(): void {
    this.#hasEnded = true
    const { message } = this.#exchange
    // What the target did not want is read for a while: a client that sends before it reads would lose the response.
    if (this.#isEarly && !message.complete) discardRest(message, () => this.#end())
    else this.#end()
  }

  onFailure({ outcome, status, why, hasBegun }: Failure): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const exchange = this.#exchange
    exchange.target = this.#forwarding?.target ?? null
    if (!hasBegun) {
      this.#answer({ outcome, status, why })
      return
    }
    exchange.outcome = outcome
    // A response that breaks off has to look like one.
    exchange.response.destroy()
  }

  onUpgrade(fields: string[], socket: Duplex): void {
    this.#hasEnded = true
    this.#begin(101, fields)
    joinSockets(this.#exchange, { fields, socket })
  }

  /** The body has become longer than the route takes. */
  refuseBody(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#forwarding?.abort()
    const { response, message, route } = this.#exchange
    message.unpipe()
    const answer = bodyTooLarge(route.bodyBytesMax)
    if (response.headersSent) {
      this.#exchange.outcome = answer.outcome
      response.destroy()
    } else this.#send(answer)
  }

  #begin(status: number, fields: readonly string[]): void {
    const exchange = this.#exchange
    exchange.upstreamMs = performance.now() - this.#startedMs
    exchange.target = this.#forwarding?.target ?? null
    settle(exchange, { status, fields })
  }

  #end(): void {
    const { response } = this.#exchange
    if (this.#whole === null) endResponse(response)
    else endWithBody(response, this.#whole)
  }

  #answer({ outcome, status, why }: Pick<Failure, 'outcome' | 'status' | 'why'>): void {
    // The reason is one of few words, and names no target.
    this.#send(problemAnswer(outcome, `the application gave no answer: ${why}`, { status }))
  }

  #send(answer: Parameters<typeof sendAnswer>[1]): void {
    this.#exchange.outcome = answer.outcome
    sendAnswer(this.#exchange, answer)
  }
}

/** The length of a body by the fields of its head; -1 where they name none. */
function lengthIn(fields: readonly string[]): number {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] === 'content-length') return Number(fields[i + 1])
  }
  return -1
}

/** One function for all, as there is one call for each response. */
function flushHead(receiver: ClientReceiver): void {
  receiver.flushHead()
}
