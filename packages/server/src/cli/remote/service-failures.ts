import { CommandFailure, EXIT } from '../exit.ts'
import type { Connection } from './connection-of.ts'
import { printable } from './printable.ts'

/** A problem document, as far as it is told. */
export interface ProblemFields {
  readonly code: string
  readonly detail: string
}

/** Codes of Node for certificates that do not stand for whom they should. */
const UNTRUSTED = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/

/** Why a service could not be asked, and what to do. */
export function connectFailure(connection: Connection, reason: unknown): CommandFailure {
  return new CommandFailure(EXIT.unanswered, connectSentence(connection, reason), { cause: reason })
}

/** Why an answer is none that a command can go on with. */
export function refusal(
  { url, flag }: Connection,
  status: number,
  problem: ProblemFields | null,
): CommandFailure {
  if (problem === null) {
    const message = `${url.shown} answers ${status}, and not as Headgate does; give ${flag} the URL of the service`
    return new CommandFailure(EXIT.unanswered, message)
  }
  const { code, detail } = problem
  const fix = code === 'unauthenticated' ? '; here: set HEADGATE_TOKEN, or give --token-file' : ''
  const message = `${url.shown} answers ${status} ${printable(code)}: ${printable(detail)}${fix}`
  // Another call may succeed without a change: too many requests, and a service that cannot answer now.
  const isRetryable = status >= 500 || status === 429 || status === 408
  return new CommandFailure(isRetryable ? EXIT.unanswered : EXIT.usage, message)
}

function connectSentence({ url, flag, timeoutMs }: Connection, reason: unknown): string {
  const { code = '', message, name } = codedErrorOf(reason)
  if (name === 'TimeoutError') {
    return `${url.shown} gave no answer within ${timeoutMs} ms; look at its log, or give a longer --timeout`
  }
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    const start = flag === '--url' ? 'start headgate serve' : 'start headgate serve with its --admin-port'
    return `Nothing listens on ${url.shown}; ${start}, or give ${flag} where it listens`
  }
  if (UNTRUSTED.test(code)) {
    const fix = `give --ca the file of its authority, and ${flag} a name that it is for`
    return `The certificate of ${url.shown} is not trusted (${code}); ${fix}`
  }
  const shown = printable(code === '' ? message : code)
  const scheme = url.isTls ? 'http' : 'https'
  return `${url.shown} cannot be asked (${shown}); look at its log, and whether ${flag} is to begin with ${scheme}`
}

/** The error that says what happened to a connection: one for several addresses has it inside. */
function codedErrorOf(reason: unknown): {
  readonly code?: string
  readonly message: string
  readonly name: string
} {
  const error = reason as Error & { readonly code?: string; readonly errors?: readonly unknown[] }
  const [first] = error.errors ?? []
  return first === undefined ? error : codedErrorOf(first)
}
