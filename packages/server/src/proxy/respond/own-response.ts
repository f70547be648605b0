import type { OwnAnswer } from '../answers/own-answer.ts'
import { settle } from '../limits/settle-spends.ts'
import type { Exchange } from '../proxy-exchange.ts'
import { clientFields } from './client-fields.ts'
import { discardRest } from './discard-rest.ts'
import { endResponse } from './end-response.ts'
import { sendHead } from './send-head.ts'

/** Sends an answer of the proxy itself. */
export function sendAnswer(exchange: Exchange, answer: OwnAnswer): void {
  const { message, response } = exchange
  const { status, body, closes = false, outcome } = answer
  exchange.outcome = outcome
  settle(exchange, { status, fields: answer.fields })
  const bytes = Buffer.from(body)
  const hasBody = status !== 204 && status !== 304
  const fields = [
    ...clientFields(exchange, {
      fields: answer.fields,
      isOwn: true,
      tellsLimits: answer.tellsLimits === true,
    }),
    ...(hasBody ? ['content-length', String(bytes.length)] : []),
  ]
  const closing = closes || hasRest(exchange)
  if (closing) {
    fields.push('connection', 'close')
    // Node goes on with requests that have arrived already, whose responses would come to nobody.
    exchange.proxy.reader.refuseRest(message)
  }
  sendHead(exchange, { status, fields })
  const sent = hasBody && message.method !== 'HEAD' ? bytes : null
  exchange.bytesOut = sent?.length ?? 0
  // Who waits to be told to go on sends no body now.
  if (!closing || message.complete || exchange.waitsForContinue) endResponse(response, sent)
  else {
    if (sent === null) response.flushHeaders()
    else response.write(sent)
    // A connection that closes with something unread loses what it has sent.
    discardRest(message, () => endResponse(response))
  }
}

/** Whether something of the request is still to come that nobody wants, or may come. */
function hasRest({ message, waitsForContinue }: Exchange): boolean {
  if (message.complete) return false
  const { headers } = message
  return (
    waitsForContinue ||
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > 0
  )
}
