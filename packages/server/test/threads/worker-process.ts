/** `headgate serve --workers 2` as a process whose threads can be told apart, and killed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const POISON = new URL('fixtures/poison.ts', import.meta.url).href

/** How a worker dies of a request. */
export type Death = 'throw' | 'exit' | 'memory' | 'hang'

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever JSON they expect
  readonly body: any
  /** Of the connection, at this end. */
  readonly localPort: number
}

export class WorkerProcess implements AsyncDisposable {
  readonly headgate: HeadgateProcess
  readonly #folder: string

  private constructor(headgate: HeadgateProcess, folder: string) {
    this.headgate = headgate
    this.#folder = folder
  }

  static async start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    nodeOptions: readonly string[] = [],
  ): Promise<WorkerProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-workers-'))
    const ledger = join(folder, 'ledger')
    writeFileSync(ledger, '')
    try {
      const headgate = await HeadgateProcess.serve(['--workers', '2', '--admin-port', '0', ...args], {
        NODE_OPTIONS: [`--import ${POISON}`, ...nodeOptions].join(' '),
        POISON_LEDGER: ledger,
        ...env,
      })
      return new WorkerProcess(headgate, folder)
    } catch (reason) {
      rmSync(folder, { recursive: true })
      throw reason
    }
  }

  /** Thread → the connections that it took: the port that it listens on, and that of the client, as `8080:50000`. */
  get taken(): ReadonlyMap<string, readonly string[]> {
    const lines = this.#ledger.filter(([event]) => event === 'took')
    return new Map(
      Object.entries(Object.groupBy(lines, ([, thread = '']) => thread)).map(([thread, took = []]) => [
        thread,
        took.map(([, , ports = '']) => ports),
      ]),
    )
  }

  /** Threads that died. */
  get died(): readonly string[] {
    return this.#ledger.flatMap(([event, thread = '']) => (event === 'died' ? [thread] : []))
  }

  get #ledger(): readonly string[][] {
    const lines = readFileSync(join(this.#folder, 'ledger'), 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => line.split(' '))
  }

  /** Asks by HTTP on a connection of its own. */
  ask(path: string, body?: object, headers: OutgoingHttpHeaders = {}): Promise<HttpAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>()
    const asked = request(this.headgate.url + path, {
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      const localPort = response.socket.localPort ?? 0
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, headers: fields } = response
        resolve({ status, headers: fields, body: JSON.parse(text), localPort })
      })
    })
    asked.end(body && JSON.stringify(body))
    return promise
  }

  /** Lets a worker die of a request, which may be answered before. */
  async poison(death: Death): Promise<void> {
    await this.ask('/v1/policies', undefined, { 'x-poison': death }).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.headgate[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true })
  }
}
