import type { FetchRateLimit } from '../../src/adapters/fetch.ts'
import type { AdapterSubject, AnyOptions } from '../../src/testing/adapter-contract/index.ts'
import { serveWeb, webReply } from './web-reply.ts'

type Handler = (request: Request, ...rest: unknown[]) => Promise<Response>

/** Handlers of web requests by what limits them. */
export function fetchSubject(rateLimit: (options: AnyOptions) => FetchRateLimit): AdapterSubject {
  /** A handler behind limits: the first is asked first. */
  const behind = (limits: readonly AnyOptions[] = [], handler: Handler): Handler =>
    limits.reduceRight<Handler>((inner, options) => rateLimit(options)(inner), handler)
  return {
    hasRoutes: false,
    header: (request, name) => (request as Request).headers.get(name) ?? undefined,
    async start({ limits = [], routes }) {
      const handlers = new Map(
        routes.map(({ pattern, limits, reply }) => [pattern, behind(limits, async () => webReply(reply))]),
      )
      const routed: Handler = async (request, ...rest) =>
        (await handlers.get(new URL(request.url).pathname)?.(request, ...rest)) ?? webReply({ status: 404 })
      const app = behind(limits, routed)
      return serveWeb((request, env) => app(request, env).catch(() => webReply({ status: 500 })))
    },
  }
}
