import type { IncomingMessage } from 'node:http'
import { rateLimit } from '../../src/adapters/node.ts'
import type { AdapterSubject } from '../../src/testing/adapter-contract/index.ts'
import { listen, sendReply } from './node-reply.ts'

export const nodeSubject: AdapterSubject = {
  hasRoutes: false,
  header: (request, name) => (request as IncomingMessage).headers[name] as string | undefined,
  async start({ limits = [], routes }) {
    const common = limits.map((options) => rateLimit(options))
    const own = routes.map((route) => ({
      ...route,
      limits: (route.limits ?? []).map((one) => rateLimit(one)),
    }))
    return listen(async (request, response) => {
      try {
        const route = own.find(({ pattern }) => pattern === request.url?.split('?')[0])
        for (const limited of [...common, ...(route?.limits ?? [])]) {
          if (!(await limited(request, response))) return
        }
        sendReply(response, route?.reply)
      } catch {
        response.writeHead(500).end()
      }
    })
  },
}
