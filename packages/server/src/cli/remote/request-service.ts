import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Connection } from './connection-of.ts'

/** One request of a command. */
export interface ServiceRequest {
  readonly method: 'GET' | 'POST'
  /** As in `/v1/consume`. */
  readonly path: string
  readonly body?: object
  readonly accept: string
  /**
   * Further fields of its header.
   * @default none
   */
  readonly fields?: Readonly<Record<string, string>>
  /** Ends it, and the answer as well. */
  readonly signal: AbortSignal
}

/**
 * Sends a request, once. Not by `headgate/client`, which asks again and decides itself where a service does not answer: a command says
 * what happened. Resolves when the head of the answer is there. Rejects with the error of the connection, or of `signal`.
 */
export function requestService(
  { url, token, tls }: Connection,
  { method, path, body, accept, fields, signal }: ServiceRequest,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const sent = (url.isTls ? httpsRequest : httpRequest)({
      ...url.target,
      ...(url.isTls && tls),
      method,
      path: url.path + path,
      // A command asks once.
      agent: false,
      signal,
      headers: {
        accept,
        'user-agent': 'headgate',
        ...fields,
        ...(text !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
        }),
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
    })
    sent.on('response', resolve)
    sent.on('error', (reason) => reject(signal.aborted ? signal.reason : reason))
    sent.end(text)
  })
}
