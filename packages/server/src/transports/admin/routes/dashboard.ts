/** The dashboard: static files without data, so that they take no token. What they ask for does. */

import type { FastifyReply } from 'fastify'
import { httpProblem } from 'headgate/http'
import { schemaRef } from '../../http/answer-schemas.ts'
import { sendProblem } from '../../http/encode.ts'
import type { Answer, Route } from '../../http/http-route.ts'
import type { AdminParts } from '../admin-parts.ts'
import type { DashboardFiles } from '../dashboard-files.ts'

/** Nothing is loaded or asked from elsewhere, nothing inline runs, and no page of others has it in a frame. */
const DASHBOARD_FIELDS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
}

const HTML = 'text/html; charset=utf-8'
/** A name stands for what is in a file: another build has other names. */
const FOR_EVER = 'public, max-age=31536000, immutable'

const NOT_BUILT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Headgate</title><meta name="viewport" content="width=device-width"></head>
<body><h1>Headgate</h1><p>The dashboard is not built here. In a clone of the repository, build it and start the service again:</p>
<pre>npm run build -w packages/dashboard</pre>
<p>The API works without it: see <a href="/docs">its page</a>.</p></body></html>
`

const NOT_THERE: Answer = {
  description: 'No such file.',
  schema: schemaRef('Problem'),
  type: 'application/problem+json',
}

export function dashboardRoutes({ dashboard }: Pick<AdminParts, 'dashboard'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/',
      isOpen: true,
      summary: 'The dashboard, as a page.',
      responses: {
        200: { description: 'The page.', schema: { type: 'string' }, type: 'text/html' },
        404: { description: 'It is not built.', schema: { type: 'string' }, type: 'text/html' },
      },
      handler: ({ reply }) => sendPage(reply, dashboard),
    },
    {
      method: 'GET',
      path: '/assets/:name',
      params: { name: { type: 'string', description: 'As the page has it.' } },
      isOpen: true,
      summary: 'A file that the dashboard loads.',
      responses: { 200: { description: 'The file.' }, 404: NOT_THERE },
      handler: ({ request, reply }) => {
        const asset = dashboard?.assets.get((request.params as { readonly name: string }).name)
        if (asset === undefined) return sendProblem(reply, httpProblem(404, 'the dashboard has no such file'))
        return reply
          .headers({ ...DASHBOARD_FIELDS, 'cache-control': FOR_EVER })
          .type(asset.type)
          .send(asset.bytes)
      },
    },
  ]
}

function sendPage(reply: FastifyReply, dashboard: DashboardFiles | null): FastifyReply {
  void reply.headers(DASHBOARD_FIELDS).type(HTML)
  return dashboard === null ? reply.code(404).send(NOT_BUILT) : reply.send(dashboard.index)
}
