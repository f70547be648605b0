import type { Exchange } from '../proxy-exchange.ts'

/** The head of a response. */
export interface SentHead {
  readonly status: number
  /** In flat pairs. */
  readonly fields: string[]
  /** As the upstream words the status; empty: as is usual. */
  readonly statusText?: string
}

/** Sends the head of a response. The connection ends with it where the proxy is about to stop: its client goes elsewhere in time. */
export function sendHead({ response, proxy }: Exchange, { status, fields, statusText = '' }: SentHead): void {
  if (proxy.service.isDraining) response.shouldKeepAlive = false
  if (statusText === '') response.writeHead(status, fields)
  else response.writeHead(status, statusText, fields)
}
