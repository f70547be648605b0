import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** Something that listens on a port of this machine, and ends with its test. */
export class Listening implements AsyncDisposable {
  readonly #server: Server
  requests = 0

  private constructor(answer: Answer) {
    this.#server = createServer((request, response) => {
      this.requests++
      answer(request, response)
    })
  }

  static async start(answer: Answer): Promise<Listening> {
    const listening = new Listening(answer)
    listening.#server.listen(0, '127.0.0.1')
    await once(listening.#server, 'listening')
    return listening
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
