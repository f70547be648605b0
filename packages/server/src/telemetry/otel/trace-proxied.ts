import type { Attributes, Tracer } from '@opentelemetry/api'
import type { RequestProxied } from '../../service/proxy-events.ts'
import type { Service } from '../../service/service.ts'
import type { OtelSdk } from './load-otel.ts'
import { contextOf } from './span-context.ts'

/** Makes a span of each request of the proxy that its trace wants, or of a share of those without one. */
export function traceProxied(
  { on }: Pick<Service, 'on'>,
  tracer: Tracer,
  { api }: Pick<OtelSdk, 'api'>,
): void {
  on('proxied', (event) => {
    const endedMs = Date.now()
    const startTime = endedMs - event.durationMs
    const options = { kind: api.SpanKind.SERVER, startTime }
    const span = tracer.startSpan(nameOf(event), options, contextOf(api, event.trace))
    if (span.isRecording()) {
      span.setAttributes(attributesOf(event))
      if (event.status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR })
    }
    span.end(endedMs)
  })
}

/** By the route, of which there are few, and never by the path. */
function nameOf({ method, route }: RequestProxied): string {
  return route === '' ? method || 'HTTP' : `${method} ${route}`
}

/** Names as OpenTelemetry has them where it has them. Never whose request it was, nor its path. */
function attributesOf({ method, route, status, outcome, policy, target }: RequestProxied): Attributes {
  return {
    'headgate.proxy.outcome': outcome,
    ...(method !== '' && { 'http.request.method': method }),
    ...(route !== '' && { 'http.route': route }),
    ...(status !== 0 && { 'http.response.status_code': status }),
    ...(status >= 500 && { 'error.type': String(status) }),
    ...(policy !== null && { 'ratelimit.policy': policy }),
    ...(target !== null && { 'headgate.proxy.target': target }),
  }
}
