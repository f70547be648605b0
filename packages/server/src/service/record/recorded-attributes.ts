import type { Attributes, DescriptorEntry } from 'headgate'
import type { RecordedRequest } from './record-format.ts'

const DESCRIPTOR = 'descriptor'

/** Entries of a descriptor as a log has them. */
export function descriptorText(entries: readonly DescriptorEntry[]): string {
  return JSON.stringify(entries.map(({ key, value }) => [key, String(value)]))
}

/** Attributes of a line, as a limiter takes them. Throws a `SyntaxError` where its descriptor is none. */
export function attributesOfRecorded({ attributes }: Pick<RecordedRequest, 'attributes'>): Attributes {
  const text = attributes[DESCRIPTOR]
  if (text === undefined) return attributes
  const entries: unknown = JSON.parse(text)
  if (!Array.isArray(entries) || !entries.every(isPair)) throw new SyntaxError('it is no list of entries')
  return { ...attributes, [DESCRIPTOR]: entries.map(([key, value]) => ({ key, value })) }
}

function isPair(entry: unknown): entry is [string, string] {
  return (
    Array.isArray(entry) &&
    entry.length === 2 &&
    entry.every((part) => typeof part === 'string' && part !== '')
  )
}
