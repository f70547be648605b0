/** Takes what is exported over OTLP/HTTP as JSON, as a collector would. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever they expect
type Json = any

export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string
  /** Spans, with their attributes as a map. */
  spans(): Json[]
  /** Points of the latest value of a metric, with their attributes as a map. */
  points(metric: string): Json[]
  /** Attributes of the resource of what came last. */
  resource(): Json
}

export async function otlpReceiver(): Promise<OtlpReceiver> {
  const bodies: { readonly path: string; readonly body: Json }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) })
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = (path: string): Json[] => bodies.filter((one) => one.path === path).map(({ body }) => body)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => {
      const spans = at('/v1/traces').flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap((one: Json) => one.scopeSpans.flatMap((scope: Json) => scope.spans)),
      )
      return spans.map((span: Json) => ({ ...span, attributes: mapOf(span.attributes) }))
    },
    points: (metric) => {
      const metrics = at('/v1/metrics')
        .at(-1)
        ?.resourceMetrics.flatMap((one: Json) => one.scopeMetrics.flatMap((scope: Json) => scope.metrics))
      const { sum, gauge, histogram } = metrics?.find(({ name }: Json) => name === metric) ?? {}
      const points = (sum ?? gauge ?? histogram)?.dataPoints ?? []
      return points.map((point: Json) => ({ ...point, attributes: mapOf(point.attributes) }))
    },
    resource: () =>
      mapOf(bodies.at(-1)?.body[Object.keys(bodies.at(-1)?.body)[0] as string][0].resource.attributes),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function mapOf(attributes: readonly Json[]): Json {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
