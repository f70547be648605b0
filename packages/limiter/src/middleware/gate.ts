import type { Denied } from '../core/decision.ts'
import type { HeaderFields, PolicyAnswer } from '../core/policy-answer.ts'
import { additionsOf, type HttpAnswer, NO_STORE } from '../http/answer.ts'
import { EXPOSE, exposeBoth } from '../http/exposed-fields.ts'
import { PROBLEM_JSON, problemOf } from '../http/problem.ts'
import { type HeaderWriter, tellsLimits } from '../http/rate-limit-headers.ts'
import type { AdaptiveLimit } from './adaptive-limit.ts'
import { checkField } from './check-field.ts'
import type { Deny } from './denied-response.ts'
import type { Exchange } from './exchange.ts'
import { type Judge, type Judgement, Refusal } from './judgement.ts'
import { andThen, type MaybePromise } from './maybe-promise.ts'
import { call, type Observe } from './observers.ts'
import type { DecisionContext } from './rate-limit-options.ts'
import { RequestLimits } from './request-limits.ts'
import type { Settle } from './settlement.ts'

/** What a gate is made of: the options of `rateLimit`, checked and compiled. */
export interface GateConfig<R> {
  readonly judge: Judge<R>
  readonly enabled: () => boolean
  readonly skip: ((request: R) => MaybePromise<boolean>) | null
  readonly headers: HeaderWriter
  /** Whether `headers` tells clients more than when to come back. */
  readonly isTold: boolean
  /** What policies add to answers, by their names. */
  readonly answers: () => ReadonlyMap<string, PolicyAnswer>
  readonly deny: Deny<R>
  readonly observe: Observe<R> | null
  readonly settle: Settle<R> | null
  /** The limit that learns of every response. */
  readonly adaptive: AdaptiveLimit | null
}

/** Lets requests pass or answers them: what every adapter runs for each request. */
export class Gate<R> {
  readonly #config: GateConfig<R>

  constructor(config: GateConfig<R>) {
    this.#config = config
  }

  /**
   * Null where the request passes, with its header fields set; else the answer to send in its place. Throws or rejects with
   * what a function of the options throws: then the request must not pass.
   */
  pass(exchange: Exchange<R>): MaybePromise<HttpAnswer | null> {
    const { enabled, skip, judge } = this.#config
    if (!enabled() || RequestLimits.find(exchange.identity)?.hasPassed(judge) === true) return null
    if (skip === null) return this.#judge(exchange)
    return andThen(skip(exchange.request), (isSkipped) => (isSkipped ? null : this.#judge(exchange)))
  }

  #judge(exchange: Exchange<R>): MaybePromise<HttpAnswer | null> {
    return andThen(this.#config.judge.judge(exchange), (judgement) => {
      if (judgement instanceof Refusal) return refusalOf(judgement)
      return judgement.decision.allowed ? this.#admit(exchange, judgement) : this.#deny(exchange, judgement)
    })
  }

  #admit(exchange: Exchange<R>, judgement: Judgement): null {
    const { judge, isTold, headers, observe } = this.#config
    const limits = RequestLimits.of(exchange.identity)
    const { decision, key } = limits.add({ judge, judgement, isTold })
    setFields(exchange, this.#additions(judgement.decision).headers)
    setFields(exchange, beside(exchange, judgement.fields ?? headers(decision, key)))
    observe?.(judgement.decision, contextOf(exchange, judgement))
    this.#watchEnd(exchange, judgement, limits)
    return null
  }

  async #deny(exchange: Exchange<R>, judgement: Judgement): Promise<HttpAnswer> {
    const { headers, deny, observe } = this.#config
    const { decision, fields } = judgement
    const told = await RequestLimits.of(exchange.identity).deny(judgement)
    const context = contextOf(exchange, judgement)
    observe?.(decision, context)
    const { headers: added, response } = this.#additions(decision)
    const limits = beside(exchange, fields ?? headers(told.decision, told.key))
    const denial = { decision: decision as Denied, context, tellsLimits: tellsLimits(limits) }
    const own = response ?? (await deny(denial))
    return { ...own, headers: { ...NO_STORE, ...added, ...own.headers, ...limits } }
  }

  #additions(decision: Judgement['decision']): ReturnType<typeof additionsOf> {
    return additionsOf(decision, this.#config.answers())
  }

  #watchEnd(exchange: Exchange<R>, judgement: Judgement, limits: RequestLimits): void {
    const { settle, adaptive } = this.#config
    if (settle === null && adaptive === null) return
    const { reservation } = judgement
    const started = performance.now()
    exchange.onEnd((end) => {
      // A later limit has denied the request: nothing was done, and its spends are given back.
      if (!limits.stands(judgement)) return
      const outcome = { ...end, durationMs: performance.now() - started }
      adaptive?.observe(outcome)
      if (settle !== null && reservation !== null) call(() => settle(reservation, outcome, exchange.request))
    })
  }
}

function refusalOf({ detail, code }: Refusal): HttpAnswer {
  const problem = problemOf({ code, detail })
  // Nobody knows when; soon is better than at once.
  const wait = problem.status === 503 ? { 'retry-after': '1' } : {}
  const headers = { ...NO_STORE, ...wait, 'content-type': PROBLEM_JSON }
  return { status: problem.status, headers, body: JSON.stringify(problem) }
}

function contextOf<R>(exchange: Exchange<R>, { extra }: Judgement): DecisionContext<R> {
  const setHeader = (name: string, value: string): void => {
    checkField(name, value, 'setHeader')
    exchange.setHeader(name, value)
  }
  return { request: exchange.request, setHeader, extra }
}

/** Fields beside those that the response has already: what may be read by scripts is one list of all. */
function beside(exchange: Pick<Exchange<unknown>, 'getHeader'>, fields: HeaderFields): HeaderFields {
  const exposed = fields[EXPOSE]
  return exposed === undefined
    ? fields
    : { ...fields, [EXPOSE]: exposeBoth(exchange.getHeader(EXPOSE), exposed) }
}

function setFields(exchange: Pick<Exchange<unknown>, 'setHeader'>, fields: HeaderFields): void {
  for (const name in fields) exchange.setHeader(name, fields[name] as string)
}
