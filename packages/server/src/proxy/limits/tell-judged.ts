import type { Exchange } from '../proxy-exchange.ts'

/**
 * Tells what all limits together have found about a request, once. Where the response decides what is counted, that is as soon as its
 * status is known.
 */
export function tellJudged(exchange: Exchange, status?: number): void {
  const { judged, proxy } = exchange
  if (judged === null) return
  exchange.judged = null
  proxy.service.tell('judged', status === undefined ? judged : { ...judged, status })
}
