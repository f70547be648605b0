import { isRecord } from '../core/validate.ts'
import type { RemoteConfig } from './remote-options.ts'
import { ServiceFailure } from './service-failure.ts'

/** One question to the service. */
export interface Question {
  readonly method: 'GET' | 'POST'
  /** As in `/v1/consume`. */
  readonly path: string
  /** What is asked, as the HTTP API has it; checked, so that it can be encoded. */
  readonly body?: object
  readonly deadlineMs: number
  /** Whether the service may be asked twice, where a connection breaks before there is an answer. */
  readonly isRepeatable: boolean
  /** Whether it goes over no connection that was kept: a service that stops still answers on those. */
  readonly isFresh?: boolean
  /** Whether it is held until a turn comes: it must not take up what decisions are asked over. */
  readonly isHeld?: boolean
  readonly signal?: AbortSignal | undefined
}

/** What came back: whatever answers there. */
export interface RawAnswer {
  /** A status of HTTP. */
  readonly status: number
  /** An object of JSON; null where it is none. */
  readonly body: Fields | null
  /** As the header field `Retry-After` has it. */
  readonly retryAfter: string | undefined
}

/** The fields of an object. */
export type Fields = Readonly<Record<string, unknown>>

/** What carries questions to the service, over connections that are kept. */
export interface Transport {
  /**
   * Asks once. Rejects with the reason of `signal`, with a {@link ServiceFailure} for what came instead of an answer, or with
   * the error of the connection.
   */
  send(question: Question, signal: AbortSignal): Promise<RawAnswer>
  close(): void
}

/** Makes the transport to the service that the options name. */
export type Connect = (config: RemoteConfig) => Transport

/** Asks one service: at most for so long, and once more where a connection breaks and that does no harm. */
export class Connection {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Rejects with a {@link ServiceFailure}, or with the reason of an aborted signal. */
  async ask(question: Question): Promise<RawAnswer> {
    const { deadlineMs, isRepeatable, signal } = question
    signal?.throwIfAborted()
    const ending = new AbortController()
    const late = (): void => ending.abort(new ServiceFailure(`gave no answer within ${deadlineMs} ms`))
    const timer = setTimeout(late, deadlineMs)
    const onAbort = (): void => ending.abort(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await this.#transport.send(question, ending.signal).catch((reason: unknown) => {
        if (ending.signal.aborted || reason instanceof ServiceFailure || !isRepeatable) throw reason
        // On a connection of its own: others that were kept may have ended as well.
        return this.#transport.send({ ...question, isFresh: true }, ending.signal)
      })
    } catch (reason) {
      throw ending.signal.aborted ? ending.signal.reason : failureOf(reason)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  close(): void {
    this.#transport.close()
  }
}

/** More than an answer to a full batch has. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024

/** The object that a body is, null where it is none; a {@link ServiceFailure} where it is too long. */
export async function readBody(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Fields | null> {
  return parse(await readText(chunks))
}

async function readText(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) throw new ServiceFailure(`answered more than ${ANSWER_BYTES_MAX} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** The header fields of a question. */
export function fieldsOf({ body }: Question, { token }: RemoteConfig): Record<string, string> {
  return {
    accept: 'application/json, application/problem+json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== null && { authorization: `Bearer ${token}` }),
  }
}

function parse(text: string): Fields | null {
  try {
    const body: unknown = JSON.parse(text)
    return isRecord(body) ? (body as Fields) : null
  } catch {
    return null
  }
}

function failureOf(reason: unknown): ServiceFailure {
  if (reason instanceof ServiceFailure) return reason
  const { code, message } = codedErrorOf(reason)
  const kind = code === 'ECONNREFUSED' || code === 'ConnectionRefused' ? 'unreached' : 'other'
  return new ServiceFailure(`cannot be reached (${code ?? message})`, { cause: reason, kind })
}

/** The error that says what happened to a connection: `fetch` has it as the cause of its own. */
function codedErrorOf(reason: unknown): { readonly code?: string; readonly message: string } {
  const error = reason as Error & { readonly code?: string }
  return error.code === undefined && error.cause instanceof Error ? codedErrorOf(error.cause) : error
}
