/** Applications of Express 5 on real sockets. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, get as request } from 'node:http'
import { text } from 'node:stream/consumers'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
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
  /** Sends a request that is never answered, and leaves as soon as it has got through. */
  leave(): Promise<void>
}

/** Serves what answers with `?status`, or never on `/hang`, behind these handlers, for as long as the test runs. */
export async function serve(...handlers: readonly RequestHandler[]): Promise<Served> {
  const app = express()
  let onHang = (): void => {}
  app.set('trust proxy', 'loopback')
  app.use(...(handlers as [RequestHandler]))
  app.get('/hang', () => onHang())
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
      const isHanging = new Promise<void>((resolve) => {
        onHang = resolve
      })
      const left = request(`${url}/hang`, { agent: false }).on('error', () => {})
      await isHanging
      left.destroy()
    },
  }
}
