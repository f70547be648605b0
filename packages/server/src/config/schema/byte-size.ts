import { z } from 'zod'
import { show } from '../unknown-name.ts'

const SIZE = /^(\d{1,15})(?: ?(B|KiB|MiB|GiB))?$/
const UNITS: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/** A text such as `10MiB`, or a number of bytes. */
export const byteSize = z
  .union([z.string(), z.int().min(0)], {
    error: ({ input }) => (input === undefined ? undefined : notASize(input)),
  })
  .superRefine((value, context) => {
    if (!Number.isSafeInteger(bytesOf(value))) context.addIssue(notASize(value))
  })

/** How many bytes a size has that the shape has let through; NaN for a text that is none. */
export function bytesOf(size: string | number): number {
  if (typeof size === 'number') return size
  const [, digits, unit = 'B'] = SIZE.exec(size) ?? []
  return Number(digits) * (UNITS[unit] ?? Number.NaN)
}

function notASize(value: unknown): string {
  return `${show(value)} is not a size; write it as 16KiB, 10MiB or a number of bytes`
}
