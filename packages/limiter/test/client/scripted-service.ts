/** Something that listens where a service is expected, and does with each request what a test says. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Script = (request: IncomingMessage, response: ServerResponse, body: string) => void

export class ScriptedService implements AsyncDisposable {
  readonly #server: Server
  /** Requests so far, as `POST /v1/consume` and their bodies. */
  readonly seen: { line: string; authorization: string | undefined; body: unknown }[] = []

  private constructor(script: Script) {
    this.#server = createServer((request, response) => {
      let text = ''
      request
        .on('data', (chunk) => (text += chunk))
        .on('end', () => {
          this.seen.push({
            line: `${request.method} ${request.url}`,
            authorization: request.headers.authorization,
            body: text === '' ? null : JSON.parse(text),
          })
          script(request, response, text)
        })
    })
  }

  static async start(script: Script): Promise<ScriptedService> {
    const service = new ScriptedService(script)
    service.#server.listen(0, '127.0.0.1')
    await once(service.#server, 'listening')
    return service
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** A script that answers JSON. */
export function answering(status: number, body: unknown): Script {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
}
