import type { CallOrigin } from './events.ts'
import type { Service } from './service.ts'

/** A field `traceparent` as W3C Trace Context has it: version, trace, span and flags. */
const TRACE_PARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The span that a field `traceparent` names; undefined where there is none, or one that is malformed. */
export function traceOf(field: string | undefined): string | undefined {
  return field !== undefined && TRACE_PARENT.test(field) ? field : undefined
}

/**
 * A service whose calls belong to a trace, as a field `traceparent` of the request says it; the service itself where there is no
 * such field, or one that is malformed.
 */
export function tracedService(service: Service, field: string | undefined): Service {
  const trace = traceOf(field)
  if (trace === undefined) return service
  const traced = <O extends CallOrigin>(options: O): O => ({ ...options, trace })
  return {
    ...service,
    decide: (requests, options) => service.decide(requests, traced(options)),
    report: (requests, options) => service.report(requests, traced(options)),
    decideAtOnce: (request, origin) => service.decideAtOnce(request, traced(origin)),
    wait: (request, options) => service.wait(request, traced(options)),
    reserve: (request, options) => service.reserve(request, traced(options)),
    extend: (reservation, more, origin) => service.extend(reservation, more, traced(origin)),
  }
}
