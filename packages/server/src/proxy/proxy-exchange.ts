import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Decision, Receipt } from 'headgate'
import type { RequestJudged } from '../service/proxy-events.ts'
import type { Identity } from './auth/caller-identity.ts'
import type { CompiledProxy, CompiledRoute } from './compile-proxy.ts'
import type { Outcome } from './proxy-outcome.ts'
import type { CanonicalRequest } from './request/canonical-request.ts'
import { makeRequestId } from './request/request-id.ts'

/** What an exchange begins with. */
export interface ExchangeParts {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly proxy: CompiledProxy
  /** Whether the client waits for `100 Continue` before it sends a body. */
  readonly waitsForContinue: boolean
  /** Whether the connection may become another protocol. */
  readonly isUpgrade: boolean
}

/** A spend of a policy that the response settles. */
export interface OutcomeSpend {
  readonly policy: string
  readonly receipt: Receipt
  readonly cost: number
  /** Attributes that it was asked with. */
  readonly who: Readonly<Record<string, string>>
}

/** One request on its way: what came in, and what stages have found out. One configuration holds for all of its way. */
export class Exchange {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly proxy: CompiledProxy
  readonly waitsForContinue: boolean
  readonly isUpgrade: boolean
  readonly startedMs: number = performance.now()
  /** Null before authentication, and where nobody has to authenticate. */
  identity: Identity | null = null
  /** Of policies that passed, in their order. */
  readonly decisions: Decision[] = []
  /** What was spent, and is given back where a later gate denies. */
  readonly receipts: Receipt[] = []
  /** What the response settles. */
  readonly spends: OutcomeSpend[] = []
  /** What its limits have found, as it is told once for all gates; null where nothing was asked, or all was given back. */
  judged: RequestJudged | null = null
  /** Name of the policy that denied it. */
  deniedBy: string | null = null
  outcome: Outcome = 'ok'
  /** Of the response, where that is no HTTP any more. */
  status = 0
  /** Where it was forwarded to; null where it was not. */
  target: string | null = null
  upstreamMs: number | null = null
  /** Whether it was told of: a response that waited for others may say twice that it is closed. */
  isTold = false
  /** Whether all of the response was handed to the system. */
  isSent = false
  /** Octets of the response's body. */
  bytesOut = 0
  #requestId: string | null = null
  #request: CanonicalRequest | null = null
  #route: CompiledRoute | null = null

  constructor({ message, response, proxy, waitsForContinue, isUpgrade }: ExchangeParts) {
    this.message = message
    this.response = response
    this.proxy = proxy
    this.waitsForContinue = waitsForContinue
    this.isUpgrade = isUpgrade
  }

  /** As it is judged and forwarded. Not there before it was read. */
  get request(): CanonicalRequest {
    if (this.#request === null) throw new Error('the request was not read yet')
    return this.#request
  }

  /** Where it goes. */
  get route(): CompiledRoute {
    if (this.#route === null) throw new Error('the request was not read yet')
    return this.#route
  }

  /** Names it in logs, here and at the upstream. */
  get requestId(): string {
    this.#requestId ??= this.#request?.requestId ?? makeRequestId()
    return this.#requestId
  }

  /** Whether it could be read. */
  get isRead(): boolean {
    return this.#request !== null
  }

  take(request: CanonicalRequest, route: CompiledRoute): void {
    this.#request = request
    this.#route = route
  }
}
