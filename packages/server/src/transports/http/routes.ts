import type { Service } from '../../service/service.ts'
import { docsPage, PAGE_HEADERS } from './docs-page.ts'
import type { Route } from './http-route.ts'
import { openApiOf } from './openapi.ts'
import { aboutRoutes } from './routes/about.ts'
import { authorizeRoutes } from './routes/authorize.ts'
import { batchRoutes } from './routes/batch-requests.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { explainRoutes } from './routes/explain.ts'
import { refundRoutes } from './routes/refund.ts'
import { reservationRoutes } from './routes/reserve.ts'
import { stateRoutes } from './routes/state.ts'
import { waitRoutes } from './routes/wait.ts'

/** All routes of the API over a service: the one table that is served, checked and documented. */
export function routesOf(service: Service): readonly Route[] {
  const routes: readonly Route[] = [
    ...decisionRoutes(service),
    ...batchRoutes(service),
    ...explainRoutes(service),
    ...waitRoutes(service),
    ...reservationRoutes(service),
    ...refundRoutes(service),
    ...authorizeRoutes(service),
    ...stateRoutes(service),
    ...aboutRoutes(service),
    {
      method: 'GET',
      path: '/v1/openapi.json',
      summary: 'This API as an OpenAPI document.',
      responses: { 200: { description: 'An OpenAPI document.', schema: { type: 'object' } } },
      handler: () => openApiOf(routes),
    },
    {
      method: 'GET',
      path: '/docs',
      summary: 'This API as a page.',
      responses: { 200: { description: 'A page.', schema: { type: 'string' }, type: 'text/html' } },
      handler: (_, reply) => reply.headers(PAGE_HEADERS).send(docsPage(openApiOf(routes))),
    },
  ]
  return routes
}
