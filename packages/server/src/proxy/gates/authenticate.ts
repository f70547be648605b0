import type { TLSSocket } from 'node:tls'
import { problemAnswer } from '../answers/problem-answer.ts'
import type { Authentication } from '../auth/authenticator.ts'
import { outcomeOf, REFUSALS, type Refusal } from '../auth/refusal.ts'
import type { Exchange } from '../proxy-exchange.ts'
import type { Stage, Verdict } from '../stage.ts'

export const authenticate: Stage = {
  name: 'authentication',
  does: 'Where the route requires it: who it is, by any of the ways that the route names, and whether the scopes are enough.',
  answers: [
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [429, 'unauthenticated'],
    [503, 'unauthenticated'],
  ],
  run: (exchange) => {
    const { request, route, proxy, message } = exchange
    if (route.needs === null) return null
    const certificate = () => (message.socket as TLSSocket).getPeerCertificate?.() ?? null
    const made = proxy.authenticator.authenticate(request, { certificate }, route.needs)
    return made instanceof Promise ? made.then((one) => taken(exchange, one)) : taken(exchange, made)
  },
}

function taken(exchange: Exchange, made: Authentication): Verdict {
  if ('refused' in made) return refusal(made.refused)
  exchange.identity = made.identity
  return null
}

function refusal(refused: Refusal): Verdict {
  const { status, why, challenges, retryAfterSeconds } = refused
  const fields = challenges.flatMap((challenge) => ['www-authenticate', challenge])
  if (retryAfterSeconds !== null) fields.push('retry-after', String(retryAfterSeconds))
  return problemAnswer(outcomeOf(refused), REFUSALS[why], { status, fields })
}
