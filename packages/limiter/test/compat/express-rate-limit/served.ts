/** Applications of Express 5 on real sockets. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, get as request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import express, { type ErrorRequestHandler, type RequestHandler, type Response } from 'express'
import { onTestFinished } from 'vitest'
import { listen } from '../../adapters/node-reply.ts'

export interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Served {
  /** Header fields of the request, such as `x-forwarded-for`, which the application believes. */
  get(path?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Statuses of so many requests for `/`, one after the other. */
  statuses(count: number): Promise<(number | undefined)[]>
  /** Sends a request that is never answered, and leaves as soon as it has got through; resolves when the application knows. */
  leave(): Promise<void>
}

/** Serves what answers with `?status` behind these handlers, for as long as the test runs. */
export async function serve(...handlers: readonly RequestHandler[]): Promise<Served> {
  const app = express()
  let onResponse = (_response: Response): void => {}
  app.set('trust proxy', 'loopback')
  app.use(...(handlers as [RequestHandler]))
  app.get('/unanswered', (_asked, response) => onResponse(response))
  app.use((asked, response) => {
    response
      .status(Number(asked.query['status'] ?? 200))
      .json({ info: 'rateLimit' in asked ? asked.rateLimit : null })
  })
  const fail: ErrorRequestHandler = (error: Error, _asked, response, _next) =>
    response.status(500).send(error.name)
  app.use(fail)
  const { url, close } = await listen(app)
  onTestFinished(close)
  const get: Served['get'] = async (path = '/', headers = {}) => {
    const [response] = await once(request(`${url}${path}`, { agent: false, headers }), 'response')
    return { status: response.statusCode, headers: response.headers, body: await text(response) }
  }
  return {
    get,
    async statuses(count) {
      const seen: (number | undefined)[] = []
      for (let i = 0; i < count; i++) seen.push((await get()).status)
      return seen
    },
    async leave() {
      const responding = new Promise<Response>((resolve) => {
        onResponse = resolve
      })
      const left = request(`${url}/unanswered`, { agent: false }).on('error', () => {})
      const closed = once(await responding, 'close')
      left.destroy()
      await closed
      await setImmediate()
    },
  }
}
