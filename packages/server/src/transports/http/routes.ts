import { docsPage, PAGE_HEADERS } from './docs-page.ts'
import type { Route } from './http-route.ts'
import { openApiOf } from './openapi.ts'
import { POLICIES_ROUTE, PROBE_ROUTES } from './routes/about.ts'
import { AUTHORIZE_ROUTES } from './routes/authorize.ts'
import { BATCH_ROUTES } from './routes/batch-requests.ts'
import { DECISION_ROUTES } from './routes/decisions.ts'
import { RATE_LIMIT_ROUTES } from './routes/envoy-json.ts'
import { EXPLAIN_ROUTES } from './routes/explain.ts'
import { REFUND_ROUTES } from './routes/refund.ts'
import { RESERVATION_ROUTES } from './routes/reserve.ts'
import { STATE_ROUTES } from './routes/state.ts'
import { WAIT_ROUTES } from './routes/wait.ts'

/** All routes of the API: the one table that is served, checked and documented. */
export const HTTP_ROUTES: readonly Route[] = withDocuments([
  ...DECISION_ROUTES,
  ...BATCH_ROUTES,
  ...EXPLAIN_ROUTES,
  ...WAIT_ROUTES,
  ...RESERVATION_ROUTES,
  ...REFUND_ROUTES,
  ...AUTHORIZE_ROUTES,
  ...RATE_LIMIT_ROUTES,
  ...STATE_ROUTES,
  POLICIES_ROUTE,
  ...PROBE_ROUTES,
])

/** Routes, and those by which they describe themselves. */
export function withDocuments(described: readonly Route[]): readonly Route[] {
  const routes: readonly Route[] = [
    ...described,
    {
      method: 'GET',
      path: '/v1/openapi.json',
      isOpen: true,
      summary: 'This API as an OpenAPI document.',
      responses: { 200: { description: 'An OpenAPI document.', schema: { type: 'object' } } },
      handler: () => openApiOf(routes),
    },
    {
      method: 'GET',
      path: '/docs',
      isOpen: true,
      summary: 'This API as a page.',
      responses: { 200: { description: 'A page.', schema: { type: 'string' }, type: 'text/html' } },
      handler: ({ reply }) => reply.headers(PAGE_HEADERS).send(docsPage(openApiOf(routes))),
    },
  ]
  return routes
}
