import { httpProblem } from 'headgate/http'
import { VIEWERS_MAX } from '../../../service/observe/watchers.ts'
import { schemaRef } from '../../http/answer-schemas.ts'
import { sendProblem } from '../../http/encode.ts'
import type { Exchange, Route } from '../../http/http-route.ts'
import { objectOf } from '../../http/json-schema.ts'
import type { AdminParts } from '../admin-parts.ts'
import { createEventStream } from '../event-stream.ts'

const EVENT_STREAM = 'text/event-stream'

export function eventRoutes({ observer }: Pick<AdminParts, 'observer'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/events',
      summary: 'How things stand, every second, and what happens, as it does: server-sent events.',
      query: objectOf({}),
      responses: {
        200: { description: 'Events without end.', schema: { type: 'string' }, type: EVENT_STREAM },
        503: {
          description: `${VIEWERS_MAX} watch already, or it stops.`,
          schema: schemaRef('Problem'),
          type: 'application/problem+json',
        },
      },
      handler: (exchange) => watch(observer, exchange),
    },
  ]
}

function watch(observer: AdminParts['observer'], { request, reply, service }: Exchange): unknown {
  const { body, viewer } = createEventStream()
  const leave = observer.watch(service, viewer)
  if (leave === null) {
    void reply.header('retry-after', '5')
    return sendProblem(reply, httpProblem(503, `${VIEWERS_MAX} watch already, or this instance stops`))
  }
  // The connection ends with the stream; proxies pass on what comes.
  void reply.type(EVENT_STREAM).headers({ connection: 'close', 'x-accel-buffering': 'no' })
  if (request.method === 'HEAD') {
    leave()
    return reply.send('')
  }
  body.once('close', leave)
  return reply.send(body)
}
