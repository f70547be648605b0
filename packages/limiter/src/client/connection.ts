import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { RemoteConfig } from './remote-options.ts'
import { ServiceFailure } from './service-failure.ts'

/** One question to the service. */
export interface Question {
  readonly method: 'GET' | 'POST'
  /** As in `/v1/consume`. */
  readonly path: string
  /** The body, encoded: what cannot be is a mistake of the caller, not a failure. */
  readonly text?: string
  readonly deadlineMs: number
  /** Whether the service may be asked twice, where a connection breaks before there is an answer. */
  readonly isRepeatable: boolean
  /** Whether it goes over no connection that was kept: a service that stops still answers on those. */
  readonly isFresh?: boolean
  readonly signal?: AbortSignal | undefined
}

/** What came back: whatever answers HTTP there. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
  /** The header field `Retry-After`. */
  readonly retryAfter: string | undefined
}

/** More than an answer to a full batch has. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

/** Connections to one service, kept open between calls. */
export class Connection {
  readonly #config: RemoteConfig
  readonly #agent: HttpAgent | HttpsAgent
  readonly #send: typeof httpRequest

  constructor(config: RemoteConfig) {
    this.#config = config
    const isHttps = config.url.protocol === 'https:'
    const options = { keepAlive: true, maxSockets: config.maxConnections }
    this.#agent = isHttps ? new HttpsAgent(options) : new HttpAgent(options)
    this.#send = isHttps ? httpsRequest : httpRequest
  }

  /** Rejects with a {@link ServiceFailure}, or with the reason of an aborted signal. */
  async ask(question: Question): Promise<RawAnswer> {
    const endsAt = performance.now() + question.deadlineMs
    try {
      return await this.#askOnce(question, endsAt, question.isFresh === true ? false : this.#agent)
    } catch (reason) {
      const isSettled = reason instanceof ServiceFailure || question.signal?.aborted === true
      if (isSettled || !question.isRepeatable) throw failureOf(reason, question)
      // On a connection of its own: others that were kept may have ended as well.
      return await this.#askOnce(question, endsAt, false).catch((again: unknown) => {
        throw failureOf(again, question)
      })
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #askOnce(
    { method, path, text, deadlineMs, signal }: Question,
    endsAt: number,
    agent: HttpAgent | false,
  ): Promise<RawAnswer> {
    const { url, token } = this.#config
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const request = this.#send({
        protocol: url.protocol,
        // Without the brackets of an IPv6 address.
        hostname: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: url.pathname.replace(/^\/$/, '') + path,
        method,
        agent,
        headers: {
          accept: 'application/json, application/problem+json',
          ...(text !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(text),
          }),
          ...(token !== null && { authorization: `Bearer ${token}` }),
        },
      })
      const late = (): void =>
        void request.destroy(new ServiceFailure(`gave no answer within ${deadlineMs} ms`))
      const timer = setTimeout(late, Math.max(0, endsAt - performance.now()))
      const onAbort = (): void => void request.destroy(signal?.reason as Error)
      signal?.addEventListener('abort', onAbort, { once: true })
      const settle = (then: () => void): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
        then()
      }
      request.on('error', (error) => settle(() => reject(error)))
      request.on('response', (response) => {
        readText(response).then(
          (answer) => settle(() => resolve(rawAnswer(response, answer))),
          (error: unknown) => {
            request.destroy()
            settle(() => reject(error))
          },
        )
      })
      request.end(text)
    })
  }
}

function rawAnswer({ statusCode = 0, headers }: IncomingMessage, text: string): RawAnswer {
  return { status: statusCode, text, retryAfter: headers['retry-after'] }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += (chunk as Buffer).length
    if (size > ANSWER_BYTES_MAX) throw new ServiceFailure(`answered more than ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}

/** Everything but an abort is a failure of the service. */
function failureOf(reason: unknown, { signal }: Question): unknown {
  if (reason instanceof ServiceFailure || signal?.aborted === true) return reason
  const { code, message } = reason as NodeJS.ErrnoException
  const kind = code === 'ECONNREFUSED' ? 'unreached' : 'other'
  return new ServiceFailure(`cannot be reached (${code ?? message})`, { cause: reason, kind })
}
