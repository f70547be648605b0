import type { SpanContext } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { DecisionMade } from '../../service/events.ts'
import type { Service } from '../../service/service.ts'
import { WIRE_POLICIES } from '../../service/wire-policy.ts'
import type { OtelSdk } from './load-otel.ts'
import { spanAttributes } from './span-attributes.ts'

/** What ends an export, and sends what is left. */
export interface Exporting {
  close(): Promise<void>
}

/** Makes a span of each decision that its trace wants, or of a share of those without one. */
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
    const parent = parentOf(event)
    const context = parent === null ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, parent)
    const endedMs = Date.now()
    const span = tracer.startSpan(
      `ratelimit ${verb}`,
      { kind: api.SpanKind.SERVER, startTime: endedMs - durationMs },
      context,
    )
    if (span.isRecording())
      span.setAttributes(spanAttributes(event, !WIRE_POLICIES.has(decision.policy ?? '')))
    span.end(endedMs)
  })
  return { close: () => provider.shutdown() }
}

/** The span that the call came from, as its field `traceparent` says. */
function parentOf({ trace }: DecisionMade): SpanContext | null {
  if (trace === undefined) return null
  const [, traceId = '', spanId = '', flags = ''] = trace.split('-')
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}
