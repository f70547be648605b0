import { z } from 'zod'
import { unknownKeys } from '../issues.ts'

/** A map with these keys only; an unknown one is refused with a suggestion, and with `fix`, where given, what is no map. */
export function strictMap<S extends z.ZodRawShape>(shape: S, fix?: string): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape)
  const error: z.core.$ZodErrorMap = (issue) => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, known)
    return issue.code === 'invalid_type' ? fix : undefined
  }
  return z.strictObject(shape, { error })
}

type Optional<S extends z.ZodRawShape> = { readonly [K in keyof S]: z.ZodExactOptional<S[K]> }

/** Fields that may be left out, and not given as nothing. */
export function optional<S extends z.ZodRawShape>(shape: S): Optional<S> {
  const entries = Object.entries(shape).map(([name, type]) => [name, z.exactOptional(type)])
  return Object.fromEntries(entries) as Optional<S>
}
