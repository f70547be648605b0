import { HeadgateError, parseDuration } from 'headgate'
import { z } from 'zod'
import { show } from '../unknown-name.ts'
import { strictMap } from './strict-map.ts'

/** A whole number. */
export const whole = z.int()

/** The name of a file. */
export const fileName = z.string().min(1)

/** A text such as `500ms`, or a number of milliseconds. */
export const duration = z.union([z.string(), z.number()]).superRefine((value, context) => {
  try {
    parseDuration(value, '')
  } catch (reason) {
    context.addIssue(HeadgateError.from(reason).message)
  }
})

/** A text such as `100/min`, or its two parts. */
export const rate = z.union([z.string(), strictMap({ limit: whole, window: duration })], {
  error: ({ input }) =>
    input === undefined ? undefined : `${show(input)} is not a rate; write it as 100/min`,
})

const texts = z.union([z.string(), whole, z.array(z.union([z.string(), whole])).min(1)])

/** The entries of a descriptor: a key, or a key with its values. */
const entries = z.array(z.union([z.string(), z.record(z.string(), texts)])).min(1)

/** Attribute → the value, or values, that it may have. */
export const match = z.record(z.string(), z.union([texts, entries]))
/** Each attribute by itself, or matches. */
export const accessList = z.union([match, z.array(match)])

/** What decides while the store does not. */
export const onStoreError = z.enum(['local', 'open', 'closed'])
