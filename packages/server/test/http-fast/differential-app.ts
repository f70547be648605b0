/** One small service behind both servers. It says what it was asked, so that a request which was understood otherwise shows. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastAnswer, FastRequest } from '../../src/transports/http/fast/fast-request.ts'

/** What is asked, on either path. */
export type Asked = Pick<FastRequest, 'target' | 'body' | 'values'>

/** Targets that are answered on the fast path. */
export const TARGETS = ['/v1/consume', '/v1/consume?status=200', '/v1/peek', '/v1/peek?status=200'] as const

/** Fields of which the answer has the values. */
const READ = ['authorization', 'traceparent', 'tracestate', 'x-request-id', 'headgate-hash', 'content-type']

/** What a body begins with, and what is done then. `wait` and `reject` have a digit behind them: turns of the event loop. */
export const DEEDS = {
  wait: 'w',
  fail: 'f',
  reject: 'r',
  deny: 'd',
  widen: 'u',
  enlarge: 'l',
  leave: 'c',
} as const

/** How many requests are waited for. */
export class Waiting {
  count = 0

  async turns(count: number): Promise<void> {
    this.count++
    for (let i = 0; i < count; i++) await turn()
    this.count--
  }
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** The answer on either path. Throws and rejects where the body says so. */
export function answerOf(asked: Asked, waiting: Waiting): FastAnswer | Promise<FastAnswer> {
  const deed = asked.body.toString('latin1', 0, 1)
  const turns = Number(asked.body.toString('latin1', 1, 2)) || 0
  if (deed === DEEDS.fail) throw new Error('failed')
  if (deed === DEEDS.wait) return waiting.turns(turns).then(() => sayOf(asked, deed))
  if (deed === DEEDS.reject) return waiting.turns(turns).then(() => Promise.reject(new Error('rejected')))
  return sayOf(asked, deed)
}

export function failureOf(reason: unknown): FastAnswer {
  return { status: 500, fields: [['content-type', 'text/plain']], body: String(reason) }
}

const LARGE = 'x'.repeat(70_000)

function sayOf(asked: Asked, deed: string): FastAnswer {
  const { target, body } = asked
  const fields: [string, string][] = [['content-type', 'application/json; charset=utf-8']]
  if (deed === DEEDS.deny) fields.push(['retry-after', '1'])
  if (deed === DEEDS.leave) fields.push(['connection', 'close'])
  const said = { target, body: body.toString('latin1'), fields: READ.map((name) => asked.values(name)) }
  const more = deed === DEEDS.widen ? { wide: 'é → 😀' } : deed === DEEDS.enlarge ? { large: LARGE } : {}
  return { status: deed === DEEDS.deny ? 429 : 200, fields, body: JSON.stringify({ ...said, ...more }) }
}

const JSON_TYPE = /^application\/json\s*(;|$)/i

/** The same as a listener of `node:http`; it knows more methods and targets, and refuses what the API refuses. */
export function ordinaryListener(waiting: Waiting) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      void answer(request, Buffer.concat(chunks), waiting).then((said) => send(response, said))
    })
  }
}

async function answer(request: IncomingMessage, body: Buffer, waiting: Waiting): Promise<FastAnswer> {
  const { method, url = '', headers } = request
  if (method !== 'POST' || !TARGETS.includes(url as never)) return elsewhere(request, body)
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') return refusal(415, 'coding')
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) return refusal(415, 'type')
  try {
    return await answerOf(
      { target: url, body, values: (name) => request.headersDistinct[name] ?? [] },
      waiting,
    )
  } catch (reason) {
    return failureOf(reason)
  }
}

function elsewhere({ method, url, rawHeaders }: IncomingMessage, body: Buffer): FastAnswer {
  return refusal(404, JSON.stringify({ method, url, rawHeaders, body: body.toString('latin1') }))
}

function refusal(status: number, body: string): FastAnswer {
  return { status, fields: [['content-type', 'text/plain']], body }
}

function send(response: ServerResponse, { status, fields, body }: FastAnswer): void {
  const length = ['content-length', String(Buffer.byteLength(body))] as const
  response.writeHead(status, [...fields, length].flat() as string[])
  response.end(body)
}
