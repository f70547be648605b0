/** Callers that ask a service without a pause over connections that are kept, and look at every answer. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'

/** An answer as it came over the socket. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
  readonly body: any
}

/** One request, and what its answer has to be. */
export interface Question {
  readonly path: string
  readonly body: object
  /** Throws where the answer is wrong. */
  readonly check: (reply: Reply) => void
}

/** Where faults all look alike, the first ones are enough. */
const FAULTS_MAX = 10

/** Start it with `new Traffic(…)`, and end it with `await stop()`, which resolves once all answers have come. */
export class Traffic {
  /** Requests that were answered. */
  answered = 0
  /** Wrong answers, and requests without one. */
  readonly faults: string[] = []
  readonly #url: string
  readonly #agent: Agent
  readonly #next: () => Question
  readonly #callers: Promise<unknown>
  #running = true

  constructor(url: string, { callers, next }: { readonly callers: number; readonly next: () => Question }) {
    this.#url = url
    this.#next = next
    this.#agent = new Agent({ keepAlive: true, maxSockets: callers })
    this.#callers = Promise.all(Array.from({ length: callers }, () => this.#call()))
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#callers
    this.#agent.destroy()
  }

  async #call(): Promise<void> {
    while (this.#running) {
      const { path, body, check } = this.#next()
      try {
        check(await post(this.#url + path, JSON.stringify(body), this.#agent))
        this.answered++
      } catch (reason) {
        this.faults.push(String(reason))
        if (this.faults.length >= FAULTS_MAX) return
      }
    }
  }
}

/** Posts JSON and asks for the hash of the configuration; `onSent` is called once all of it has left this process. */
export function post(url: string, text: string, agent: Agent, onSent = (): void => {}): Promise<Reply> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'headgate-hash': '?1',
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const { statusCode: status = 0, headers } = response
      let json = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (json += chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status, headers, body: JSON.parse(json) }))
    })
    sent.end(text, onSent)
  })
}
