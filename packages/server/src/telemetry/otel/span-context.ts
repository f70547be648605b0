import type { Context, SpanContext } from '@opentelemetry/api'
import type { OtelSdk } from './load-otel.ts'

/** A field `traceparent` as W3C Trace Context has it, of a trace and a span that are not all zeros. */
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?=-|$)/

/** In what a span begins: in the one that a field `traceparent` names, or in none. */
export function contextOf({ ROOT_CONTEXT, trace }: OtelSdk['api'], field: string | null): Context {
  const parent = field === null ? null : parentOf(field)
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
}

function parentOf(field: string): SpanContext | null {
  const [found, traceId = '', spanId = '', flags = ''] = TRACE_PARENT.exec(field) ?? []
  return found === undefined
    ? null
    : { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}
