/**
 * What two threads say to each other. Each side has a table of what it asks and of what it tells, by name:
 *
 *     interface Coordinator { asks: { prepare: (c: Configuration) => null }; tells: { drain: null } }
 *     interface Worker { asks: {}; tells: { listening: Listening[] } }
 *
 *     const link = new Link<Coordinator, Worker>(port)     // at the coordinator; `Link<Worker, Coordinator>` at the worker
 *     link.hear('listening', (urls) => …)
 *     link.start()
 *     await link.ask('prepare', configuration)
 *
 * All that goes over it is cloned (structured clone): plain data, maps, dates, buffers and `KeyObject`s, never functions or objects
 * of a class. A question has one answer, or fails: by the error of whoever was asked, at its deadline, or when the link ends.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { HeadgateError } from 'headgate'
import { errorOf, type PlainError, plainError } from './plain-error.ts'

/** What one side says: questions by name, as functions from what goes along to the answer, and news by name. */
export interface Side {
  // biome-ignore lint/suspicious/noExplicitAny: each question has types of its own
  readonly asks: Readonly<Record<string, (given: any) => unknown>>
  readonly tells: Readonly<Record<string, unknown>>
}

/** Names of questions of a side. */
export type Question<S extends Side> = keyof S['asks'] & string
/** What goes along with a question. */
export type Given<S extends Side, N extends Question<S>> = Parameters<S['asks'][N]>[0]
/** What a question is answered. */
export type Answer<S extends Side, N extends Question<S>> = Awaited<ReturnType<S['asks'][N]>>

type News<S extends Side> = keyof S['tells'] & string

/** How a question is asked. */
export interface AskOptions {
  /**
   * The answer has to come within this many milliseconds.
   * @default 10 seconds
   */
  readonly deadlineMs?: number
}

const DEADLINE_MS = 10_000

type Message =
  | { readonly kind: 'ask'; readonly id: number; readonly name: string; readonly given: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: PlainError }
  | { readonly kind: 'news'; readonly name: string; readonly news: unknown }

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (reason: Error) => void
  readonly timer: NodeJS.Timeout
}

/** A question had no answer within its time: the other thread does something else, without a pause. */
export class Unanswered extends Error {
  constructor(name: string, deadlineMs: number) {
    super(`a thread did not answer "${name}" within ${deadlineMs} ms`)
  }
}

/** A question has no answer any more: the other thread has ended. */
export class LinkEnded extends Error {
  constructor(reason: Error) {
    super(reason.message, { cause: reason })
  }
}

/** One end of the line between two threads. */
export class Link<Own extends Side, Other extends Side> {
  readonly #port: MessagePort
  readonly #waiting = new Map<number, Waiting>()
  readonly #answers = new Map<string, (given: never) => unknown>()
  readonly #listeners = new Map<string, ((news: never) => void)[]>()
  #nextId = 0
  #answered = 0
  #isOverdue = false
  #ended: Error | null = null

  constructor(port: MessagePort) {
    this.#port = port
  }

  /** How many questions the other side has answered, in time or not. */
  get answered(): number {
    return this.#answered
  }

  /** Whether the deadline of a question has passed, and the other side has answered none since. */
  get isOverdue(): boolean {
    return this.#isOverdue
  }

  /** Answers a question of the other side from now on; what it throws is the failure of the question. */
  answer<N extends Question<Other>>(
    name: N,
    answer: (given: Given<Other, N>) => Answer<Other, N> | Promise<Answer<Other, N>>,
  ): void {
    this.#answers.set(name, answer)
  }

  /** Calls a function with each of the news of that name. */
  hear<N extends News<Other>>(name: N, listener: (news: Other['tells'][N]) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener])
  }

  /** Begins to take what the other side says: what came before waits, so that whoever answers can be made first. */
  start(): void {
    this.#port.on('message', (message: Message) => void this.#take(message))
  }

  /** Asks the other side. */
  ask<N extends Question<Own>>(
    name: N,
    given: Given<Own, N>,
    { deadlineMs = DEADLINE_MS }: AskOptions = {},
  ): Promise<Answer<Own, N>> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#isOverdue = true
        this.#settle(id)?.reject(new Unanswered(name, deadlineMs))
      }, deadlineMs)
      this.#waiting.set(id, { resolve, reject, timer })
      this.#post({ kind: 'ask', id, name, given }, id)
    })
  }

  /** Tells the other side, which says nothing to that. Without effect once the link has ended. */
  tell<N extends News<Own>>(name: N, news: Own['tells'][N]): void {
    if (this.#ended === null) this.#port.postMessage({ kind: 'news', name, news } satisfies Message)
  }

  /** Ends it, as where the other thread has died: what is not answered yet fails for this reason. */
  end(reason: Error): void {
    if (this.#ended !== null) return
    this.#takeRest()
    this.#ended = new LinkEnded(reason)
    this.#port.close()
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(this.#ended)
  }

  /** What was said before the end is heard, whatever the order in which the system tells of both. */
  #takeRest(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port)
      if (received === undefined) return
      void this.#take(received.message)
    }
  }

  #post(message: Message, id: number): void {
    try {
      this.#port.postMessage(message)
    } catch (reason) {
      // It has something that cannot be cloned.
      this.#settle(id)?.reject(HeadgateError.from(reason))
    }
  }

  async #take(message: Message): Promise<void> {
    switch (message.kind) {
      case 'ask':
        return this.#answer(message)
      case 'answer':
        return this.#answeredOne(message.id)?.resolve(message.answer as never)
      case 'failure':
        return this.#answeredOne(message.id)?.reject(errorOf(message.error))
      case 'news':
        for (const listener of this.#listeners.get(message.name) ?? []) listener(message.news as never)
    }
  }

  async #answer({ id, name, given }: Message & { readonly kind: 'ask' }): Promise<void> {
    try {
      const answer = this.#answers.get(name)
      if (answer === undefined) throw new Error(`nobody here answers "${name}"`)
      this.#say({ kind: 'answer', id, answer: await answer(given as never) })
    } catch (reason) {
      this.#say({ kind: 'failure', id, error: plainError(reason) })
    }
  }

  #say(message: Message): void {
    if (this.#ended === null) this.#port.postMessage(message)
  }

  #answeredOne(id: number): Waiting | undefined {
    this.#answered++
    this.#isOverdue = false
    return this.#settle(id)
  }

  /** Who waits for an answer, who waits no more; undefined where the answer came too late. */
  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    clearTimeout(waiting?.timer)
    return waiting
  }
}
