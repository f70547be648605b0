import type { Receipt } from 'headgate'
import { PROXY } from '../../service/proxy-events.ts'
import type { Exchange } from '../proxy-exchange.ts'

/** Gives back all that a request has spent. Nobody waits for it: a store that fails is an event. */
export function giveBackAll(exchange: Exchange): void {
  const { receipts, spends } = exchange
  for (const receipt of [...receipts, ...spends.map((spend) => spend.receipt)]) giveBack(exchange, receipt)
  receipts.length = 0
  spends.length = 0
  exchange.judged = null
}

/** Gives back one spend, or `cost` units of it. */
export function giveBack({ proxy: { service } }: Exchange, receipt: Receipt, cost?: number): void {
  const options = cost === undefined ? {} : { cost }
  service.giveBack(receipt, options).catch((reason: unknown) => service.fail(reason, { transport: PROXY }))
}
