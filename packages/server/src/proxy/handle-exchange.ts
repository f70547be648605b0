import { PROXY } from '../service/proxy-events.ts'
import { problemAnswer } from './answers/problem-answer.ts'
import { forwardRequest } from './forward/forward-request.ts'
import { tellJudged } from './limits/tell-judged.ts'
import { runPipeline } from './pipeline.ts'
import type { Exchange } from './proxy-exchange.ts'
import { endExchange } from './respond/end-exchange.ts'
import { sendAnswer } from './respond/own-response.ts'
import type { Verdict } from './stage.ts'

/** Takes a request through the pipeline, and forwards it or answers; tells of it at the end. */
export function handleExchange(exchange: Exchange): void {
  const { response, message } = exchange
  response.on('finish', () => {
    // Node 22 tells this also of what could not be written.
    exchange.isSent = !message.socket.destroyed
  })
  response.on('close', () => endExchange(exchange))
  try {
    const verdict = runPipeline(exchange)
    if (verdict instanceof Promise) {
      verdict.then((one) => proceed(exchange, one)).catch((reason: unknown) => fail(exchange, reason))
    } else proceed(exchange, verdict)
  } catch (reason) {
    fail(exchange, reason)
  }
}

function proceed(exchange: Exchange, verdict: Verdict): void {
  if (exchange.spends.length === 0) tellJudged(exchange)
  // A client that hung up meanwhile wants nothing any more.
  if (exchange.response.destroyed) return
  if (verdict === null) forwardRequest(exchange)
  else sendAnswer(exchange, verdict)
}

/** A defect of ours: the client learns nothing of it, and whoever listens to failures everything. */
function fail(exchange: Exchange, reason: unknown): void {
  const { response, proxy } = exchange
  proxy.service.fail(reason, { transport: PROXY })
  exchange.outcome = 'internal-error'
  if (response.headersSent || response.destroyed) response.destroy()
  else sendAnswer(exchange, problemAnswer('internal-error', 'the proxy failed', { closes: true }))
}
