import { once } from 'node:events'
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as requestOf,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { OwnAnswer } from '../../src/proxy/answers/own-answer.ts'
import type { CanonicalRequest } from '../../src/proxy/request/canonical-request.ts'
import {
  compileRequestReader,
  isAnswer,
  type ReaderOptions,
  type ReaderSettings,
  type RequestReader,
} from '../../src/proxy/request/compile-request-reader.ts'
import { outgoingFields } from '../../src/proxy/request/outgoing-fields.ts'
import { PARSER_OPTIONS } from '../../src/proxy/request/parser-options.ts'
import { TrustedPeers } from '../../src/service/identity/trusted-peers.ts'
import { readerSettings } from './reader-settings.ts'

/** What an upstream has received. */
export interface Received {
  readonly method: string
  readonly url: string
  /** In flat pairs. */
  readonly fields: readonly string[]
  readonly body: string
}

/** What a client got back. */
export interface Reply {
  /** Of each response, in order. */
  readonly statuses: readonly number[]
  readonly text: string
}

/** What a front is made with. */
export interface FrontOptions {
  readonly settings?: Partial<ReaderSettings>
  readonly trusted?: readonly string[]
  readonly reader?: ReaderOptions
}

/** A server that does nothing but read requests and send them on as they were read, with an upstream that keeps what arrives. */
export class RequestFront {
  /** What has arrived at the upstream. */
  readonly received: Received[] = []
  /** What was read, in order. */
  readonly read: (CanonicalRequest | OwnAnswer)[] = []
  readonly #upstream: Server
  readonly #front: Server
  readonly #reader: RequestReader

  private constructor({ settings = {}, trusted = [], reader }: FrontOptions) {
    this.#reader = compileRequestReader(readerSettings(settings), new TrustedPeers(trusted), reader)
    this.#upstream = createServer((message, response) => void this.#receive(message, response))
    this.#front = createServer({ ...PARSER_OPTIONS }, (message, response) => this.#pass(message, response))
    this.#front.maxHeadersCount = 0
    // Clients of the tests have nothing to add when they have sent their bytes, and wait for what comes back.
    Object.assign(this.#front, { httpAllowHalfOpen: true })
    this.#front.on('checkContinue', (message, response) => this.#pass(message, response))
    this.#front.on('checkExpectation', (message, response) => this.#pass(message, response))
    for (const event of ['upgrade', 'connect']) {
      this.#front.on(event, (message: IncomingMessage, socket: Socket) => this.#refuse(message, socket))
    }
    this.#front.on('clientError', (_, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  }

  /** Opens one; it has to be closed. */
  static async open(options: FrontOptions = {}): Promise<RequestFront> {
    const front = new RequestFront(options)
    await once(front.#upstream.listen(0, '127.0.0.1'), 'listening')
    await once(front.#front.listen(0, '127.0.0.1'), 'listening')
    return front
  }

  /** Sends bytes, given as Latin-1, on a connection of their own, and waits until the server has ended it. */
  async send(bytes: string): Promise<Reply> {
    const socket = connect((this.#front.address() as AddressInfo).port, '127.0.0.1')
    const pieces: Buffer[] = []
    socket.on('data', (piece) => pieces.push(piece))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    // A server that refuses what it has not read to the end resets the connection.
    socket.on('error', () => {})
    socket.end(bytes, 'latin1')
    await closed
    const text = Buffer.concat(pieces).toString('latin1')
    return { statuses: [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status)), text }
  }

  /** Forgets what was received and read. */
  clear(): void {
    this.received.length = 0
    this.read.length = 0
  }

  async close(): Promise<void> {
    for (const server of [this.#front, this.#upstream]) {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }

  async #receive(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = []
    try {
      for await (const piece of message) pieces.push(piece as Buffer)
    } catch {
      // It was broken off: nobody takes it for a request.
      return
    }
    const { method = '', url = '', rawHeaders: fields } = message
    this.received.push({ method, url, fields, body: Buffer.concat(pieces).toString('latin1') })
    response.end('received')
  }

  #pass(message: IncomingMessage, response: ServerResponse): void {
    const read = this.#read(message)
    if (isAnswer(read)) {
      const fields = [...read.fields, ...(read.closes === true ? ['connection', 'close'] : [])]
      response.writeHead(read.status, fields).end(read.body)
      return
    }
    if (read.expectsContinue) response.writeContinue()
    const sent = this.#forward(read)
    message.on('error', () => sent.destroy())
    sent.on('error', () => response.destroy())
    message.pipe(sent).on('response', (answer: IncomingMessage) => {
      response.writeHead(answer.statusCode ?? 0)
      answer.pipe(response)
    })
  }

  #forward(read: CanonicalRequest): ClientRequest {
    const { method, path, query, body, contentLength } = read
    const identityFields = readerSettings({}).auth.identityFields
    const headers = outgoingFields(read, {
      identity: { principal: 'basic:alice', scopes: ['a'] },
      identityFields,
    })
    if (contentLength !== null) headers.push('content-length', String(contentLength))
    if (body === 'chunked') headers.push('transfer-encoding', 'chunked')
    const { port } = this.#upstream.address() as AddressInfo
    return requestOf({ port, host: '127.0.0.1', method, path: path + query, headers, agent: false })
  }

  /** Nothing is upgraded here. */
  #refuse(message: IncomingMessage, socket: Socket): void {
    const read = this.#read(message)
    socket.end(`HTTP/1.1 ${isAnswer(read) ? read.status : 403} Refused\r\n\r\n`)
  }

  #read(message: IncomingMessage): CanonicalRequest | OwnAnswer {
    const read = this.#reader.read(message)
    this.read.push(read)
    return read
  }
}
