import type { PeerCertificate, TLSSocket } from 'node:tls'
import type { Authentication } from '../auth/authenticator.ts'
import { refusalAnswer } from '../auth/refusal-answer.ts'
import type { Exchange } from '../proxy-exchange.ts'
import type { Stage, Verdict } from '../stage.ts'

export const authenticate: Stage = {
  name: 'authentication',
  does: 'Where the route requires it: who it is, by any of the ways that the route names, and whether the scopes are enough.',
  answers: [
    [401, 'unauthenticated'],
    [403, 'unauthenticated'],
    [403, 'forbidden'],
    [429, 'unauthenticated'],
    [503, 'unauthenticated'],
  ],
  run: (exchange) => {
    const { request, route, proxy, message } = exchange
    if (route.needs === null) return null
    const certificate = () => certificateOf(message.socket as TLSSocket)
    const made = proxy.authenticator.authenticate(request, { certificate }, route.needs)
    return made instanceof Promise ? made.then((one) => taken(exchange, one)) : taken(exchange, made)
  },
}

function taken(exchange: Exchange, made: Authentication): Verdict {
  if ('refused' in made) return refusalAnswer(made.refused)
  exchange.identity = made.identity
  return null
}

/** Null where TLS has verified none. */
function certificateOf(socket: TLSSocket): PeerCertificate | null {
  return socket.authorized === true ? socket.getPeerCertificate() : null
}
