import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { fieldsOf, type RawAnswer, readBody, type Transport } from './connection.ts'
import type { RemoteConfig } from './remote-options.ts'

/** Asks by `node:http`, which takes less of the processor than `fetch` does in Node. */
export function nodeTransport(config: RemoteConfig): Transport {
  const { url } = config
  const isHttps = url.protocol === 'https:'
  const agentOf = (maxSockets: number): HttpAgent =>
    new (isHttps ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets })
  const agent = agentOf(config.maxConnections)
  // Without a bound: a wait that no connection is left for would lose its place at the service.
  const heldAgent = agentOf(Number.POSITIVE_INFINITY)
  const request = isHttps ? httpsRequest : httpRequest
  const target = {
    protocol: url.protocol,
    // Without the brackets of an IPv6 address.
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
  }
  return {
    close() {
      agent.destroy()
      heldAgent.destroy()
    },
    send: (question, signal) =>
      new Promise((resolve, reject) => {
        const { method, path, body, isFresh = false, isHeld = false } = question
        const text = body === undefined ? undefined : JSON.stringify(body)
        const asked = request({
          ...target,
          method,
          path: url.pathname.replace(/^\/$/, '') + path,
          agent: isFresh ? false : isHeld ? heldAgent : agent,
          headers: { ...fieldsOf(question, config), ...lengthOf(text) },
        })
        const end = (): void => {
          asked.destroy(signal.reason as Error)
          // A request that waits for a connection says nothing until it has one.
          reject(signal.reason)
        }
        signal.addEventListener('abort', end, { once: true })
        asked.on('error', reject)
        asked.on('response', (response) => {
          answerOf(response).then(resolve, (reason: unknown) => {
            asked.destroy()
            reject(reason)
          })
        })
        asked.end(text)
      }),
  }
}

function lengthOf(text: string | undefined): Record<string, number> {
  return text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }
}

async function answerOf(response: IncomingMessage): Promise<RawAnswer> {
  const { statusCode = 0, headers } = response
  return { status: statusCode, body: await readBody(response), retryAfter: headers['retry-after'] }
}
