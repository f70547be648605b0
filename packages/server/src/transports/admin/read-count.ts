import type { FastifyRequest } from 'fastify'
import { badRequest } from '../../service/describe-failure.ts'

/** What a count in a query may be. */
export interface CountRange {
  readonly byDefault: number
  readonly max: number
}

/** Reads a number of a query, which is a text there. */
export function readCount({ query }: FastifyRequest, name: string, { byDefault, max }: CountRange): number {
  const text = parameter(query, name)
  if (text === undefined) return byDefault
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (count >= 1 && count <= max) return count
  throw badRequest(`${name} is a whole number from 1 to ${max}`, `query.${name}`)
}

/** A parameter of a query whose schema says that it is a text. */
export function parameter(query: unknown, name: string): string | undefined {
  return (query as Readonly<Record<string, string | undefined>>)[name]
}
