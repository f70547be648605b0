import type { Resource } from '@opentelemetry/resources'
import type { Service } from '../../service/service.ts'
import { WIRE_POLICIES } from '../../service/wire-policy.ts'
import type { OtelSdk } from './load-otel.ts'
import { spanAttributes } from './span-attributes.ts'
import { contextOf } from './span-context.ts'
import { traceProxied } from './trace-proxied.ts'

/** What ends an export, and sends what is left. */
export interface Exporting {
  close(): Promise<void>
}

/** Makes a span of each decision, and of each request of the proxy, that its trace wants, or of a share of those without one. */
export function traceDecisions(
  { on }: Pick<Service, 'on'>,
  sdk: OtelSdk,
  { resource, share }: { readonly resource: Resource; readonly share: number },
): Exporting {
  const { api, trace, OTLPTraceExporter } = sdk
  const provider = new trace.TracerProvider({
    resource,
    sampler: new trace.ParentBasedSampler({ root: new trace.TraceIdRatioBasedSampler(share) }),
    spanProcessors: [new trace.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('headgate')
  on('decision', (event) => {
    const { verb, decision, durationMs } = event
    const endedMs = Date.now()
    const span = tracer.startSpan(
      `ratelimit ${verb}`,
      { kind: api.SpanKind.SERVER, startTime: endedMs - durationMs },
      contextOf(api, event.trace ?? null),
    )
    if (span.isRecording())
      span.setAttributes(spanAttributes(event, !WIRE_POLICIES.has(decision.policy ?? '')))
    span.end(endedMs)
  })
  traceProxied({ on }, tracer, sdk)
  return { close: () => provider.shutdown() }
}
