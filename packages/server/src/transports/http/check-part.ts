import type { FastifyRequest } from 'fastify'
import type { HeadgateError } from 'headgate'
import { atField, describeFailure } from '../../service/describe-failure.ts'
import { explainMistake } from './explain-mistake.ts'
import type { JsonSchema } from './json-schema.ts'

/** A part of a body, and where it stands there; empty where it is told of by itself. */
export interface BodyPart {
  readonly data: unknown
  readonly path: string
}

/** Checks a part of a body as whole bodies are checked before a handler sees them. */
export function checkPart(request: FastifyRequest, schema: JsonSchema, { data, path }: BodyPart): void {
  const validate = request.compileValidationSchema(schema as Record<string, unknown>)
  if (validate(data)) return
  throw inside(explainMistake(validate.errors ?? [], 'body'), path)
}

/** The same error, about a field of a part. */
export function inside(reason: unknown, path: string): HeadgateError {
  const { error } = describeFailure(reason)
  return atField(error, [path, error.path].filter((step) => step !== '').join('.'))
}
