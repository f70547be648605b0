import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { CommandFailure } from '../exit.ts'
import type { Connection } from './connection-of.ts'
import { requestService } from './request-service.ts'
import { connectFailure, type ProblemFields, refusal } from './service-failures.ts'

/** A JSON object of the service. */
export type Fields = Readonly<Record<string, unknown>>

const JSON_TYPES = 'application/json, application/problem+json'

/** One question of a command. */
export interface Question {
  readonly method: 'GET' | 'POST'
  /** As in `/v1/consume`. */
  readonly path: string
  readonly body?: object
}

/** Asks once. A denial is an answer; whatever else is no success is thrown, with what the service says of it. */
export async function ask(connection: Connection, question: Question): Promise<Fields> {
  const signal = AbortSignal.timeout(connection.timeoutMs)
  try {
    const response = await requestService(connection, { ...question, accept: JSON_TYPES, signal })
    const fields = parseFields(await text(response))
    const { statusCode: status = 0 } = response
    const isAnswer = (status >= 200 && status < 300) || (status === 429 && fields?.['allowed'] === false)
    if (fields !== null && isAnswer) return fields
    throw refusal(connection, status, problemOf(fields))
  } catch (reason) {
    if (reason instanceof CommandFailure) throw reason
    throw connectFailure(connection, signal.aborted ? signal.reason : reason)
  }
}

/** Throws what the service says where its answer is no stream of this type. */
export async function checkStream(
  connection: Connection,
  response: IncomingMessage,
  type = 'text/event-stream',
): Promise<void> {
  const { statusCode = 0, headers } = response
  if (statusCode === 200 && headers['content-type']?.startsWith(type) === true) return
  throw refusal(connection, statusCode, problemOf(parseFields(await text(response))))
}

/** The JSON object in a text; null where there is none. */
export function parseFields(json: string): Fields | null {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
  } catch {
    return null
  }
}

function problemOf(fields: Fields | null): ProblemFields | null {
  const { code, detail } = fields ?? {}
  return typeof code === 'string' && typeof detail === 'string' ? { code, detail } : null
}
