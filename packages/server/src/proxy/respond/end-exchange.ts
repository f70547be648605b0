import type { RequestProxied } from '../../service/proxy-events.ts'
import { tellJudged } from '../limits/tell-judged.ts'
import type { Exchange } from '../proxy-exchange.ts'
import { fieldOf } from '../request/canonical-request.ts'

/** Tells of a request: once, when its response has ended or the client has gone. */
export function endExchange(exchange: Exchange): void {
  if (exchange.isTold) return
  exchange.isTold = true
  // A client that hung up before the response.
  tellJudged(exchange)
  const { response, proxy } = exchange
  const status = response.headersSent ? response.statusCode : exchange.status
  const isGone = exchange.status === 0 && !exchange.isSent && exchange.outcome === 'ok'
  if (isGone) exchange.outcome = 'client-gone'
  proxy.service.tell('proxied', describe(exchange, status))
}

function describe(exchange: Exchange, status: number): RequestProxied {
  const { outcome, message, proxy, identity, deniedBy, target, bytesOut, upstreamMs, startedMs } = exchange
  const head = exchange.isRead ? exchange.request : null
  return {
    outcome,
    status,
    method: head?.method ?? '',
    path: head?.path ?? '',
    host: head?.host ?? '',
    route: exchange.isRead ? exchange.route.path : '',
    ip: head?.ip ?? proxy.reader.clientOf(message) ?? '',
    principal: identity?.principal ?? null,
    requestId: exchange.requestId,
    policy: deniedBy,
    target,
    bytesOut,
    durationMs: performance.now() - startedMs,
    upstreamMs,
    trace: head === null ? null : fieldOf(head, 'traceparent'),
    isLogged: proxy.settings.accessLog,
  }
}
