/** A whole service that is told to stop in the middle of its work, and its callers. */
import { Agent, type RequestOptions, request } from 'node:http'
import { request as requestSecure, Agent as SecureAgent } from 'node:https'
import { expect } from 'vitest'
import type { HttpTransportOptions } from '../../src/transports/http/http-transport.ts'
import { type ListeningService, listening } from '../protocol/listening-service.ts'

/** Few enough for a busy machine: who says nothing for 0.2 s is let go. */
export const CALLERS = 20
const BODY = '{"attributes":{"user":"alice"}}'

/** A caller that keeps one connection, and what became of its requests. */
class Caller {
  readonly #url: URL
  readonly #fields: Readonly<Record<string, string>>
  readonly #agent: Agent
  #answered = 0

  constructor({ url }: ListeningService, fields: Readonly<Record<string, string>>) {
    this.#url = new URL(url)
    this.#fields = fields
    const options = { keepAlive: true, maxSockets: 1, rejectUnauthorized: false }
    this.#agent = this.#isSecure ? new SecureAgent(options) : new Agent(options)
  }

  /** Asks until it is told to leave; answers how often it was answered. Rejects where a request fails. */
  async untilTold(onAnswer: () => void): Promise<number> {
    while (!(await this.#ask())) onAnswer()
    this.#agent.destroy()
    return this.#answered
  }

  get #isSecure(): boolean {
    return this.#url.protocol === 'https:'
  }

  /** Whether it was told to leave. */
  #ask(): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    const options: RequestOptions = {
      agent: this.#agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': BODY.length, ...this.#fields },
    }
    const asked = (this.#isSecure ? requestSecure : request)(
      new URL('/v1/consume?status=200', this.#url),
      options,
    )
    asked.on('error', reject)
    asked.on('response', (answer) => {
      answer.resume().on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode}`))
        this.#answered++
        resolve(answer.headers.connection === 'close')
      })
    })
    asked.end(BODY)
    return promise
  }
}

/**
 * Calls `stop` after so many answers, when every caller has had one: connections that nobody has taken yet are lost with the socket
 * that listens. Answers how many answers there were when all callers have left.
 */
export async function load(callers: readonly Caller[], after: number, stop: () => void): Promise<number> {
  const heard = new Set<Caller>()
  let [answered, isStopped] = [0, false]
  const asked = callers.map((caller) =>
    caller.untilTold(() => {
      answered++
      heard.add(caller)
      if (isStopped || answered < after || heard.size < callers.length) return
      isStopped = true
      stop()
    }),
  )
  const counts = await Promise.all(asked)
  return counts.reduce((sum, count) => sum + count, 0)
}

/** Callers with a connection each. */
export function callersOf(
  served: ListeningService,
  fieldsOf: (i: number) => Record<string, string> = () => ({}),
): Caller[] {
  return Array.from({ length: CALLERS }, (_, i) => new Caller(served, fieldsOf(i)))
}

/** Stops a service after so many answers, at once; every request has to be answered, on the fast path. */
export async function stopUnderLoad(options: Partial<HttpTransportOptions>, requests: number): Promise<void> {
  await using served = await listening(options)
  let drained: unknown
  const answered = await load(callersOf(served), requests, () => {
    drained = served.transport.drain()
  })
  await drained
  expect(answered).toBeGreaterThanOrEqual(requests + CALLERS)
  expect(served.transport.fastPath?.().answered).toBe(answered)
}
