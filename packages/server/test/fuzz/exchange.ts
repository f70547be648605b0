import { type Agent, type IncomingHttpHeaders, request } from 'node:http'

/** A request as it is sent. */
export interface Sent {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload?: string
}

/** An answer as it came. */
export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends a request over a socket and reads the answer to its end. */
export function exchange(
  base: string,
  { method, url, headers, payload }: Sent,
  agent: Agent,
): Promise<Received> {
  const length = payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }
  return new Promise((resolve, reject) => {
    const sent = request(base + url, { method, agent, headers: { ...headers, ...length } })
    sent.on('error', reject)
    sent.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (body += chunk))
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.end(payload)
  })
}
