import { allowMethods } from './gates/allow-methods.ts'
import { allowUpgrades } from './gates/allow-upgrades.ts'
import { answerPreflight } from './gates/answer-preflight.ts'
import { askRemote } from './gates/ask-remote.ts'
import { authenticate } from './gates/authenticate.ts'
import { canonicalise } from './gates/canonicalise.ts'
import { limitBody } from './gates/limit-body.ts'
import { limitAddress, limitPrincipal } from './gates/limit-requests.ts'
import { takeReports } from './gates/take-reports.ts'
import type { Exchange } from './proxy-exchange.ts'
import type { Stage, Verdict } from './stage.ts'

/** The way of every request, in this order; whoever passes all of it is forwarded. */
export const PIPELINE: readonly Stage[] = [
  canonicalise,
  limitAddress,
  takeReports,
  answerPreflight,
  authenticate,
  limitPrincipal,
  askRemote,
  allowMethods,
  allowUpgrades,
  limitBody,
]

/** Runs the stages from one on: the first answer, or null where all pass. A promise only where a stage needs one. */
export function runPipeline(exchange: Exchange, from = 0): Verdict | Promise<Verdict> {
  for (let i = from; i < PIPELINE.length; i++) {
    const verdict = (PIPELINE[i] as Stage).run(exchange)
    if (verdict instanceof Promise) return goOn(verdict, exchange, i + 1)
    if (verdict !== null) return verdict
  }
  return null
}

async function goOn(waited: Promise<Verdict>, exchange: Exchange, next: number): Promise<Verdict> {
  return (await waited) ?? runPipeline(exchange, next)
}
