import type {
  RecordedEnd,
  RecordedGap,
  RecordedRequest,
  RecordHeader,
} from '../../service/record/record-format.ts'
import { parseFields } from '../remote/ask.ts'

/** A line of a recorded log. */
export type RecordedLine =
  | { readonly kind: 'header'; readonly header: RecordHeader }
  | { readonly kind: 'request'; readonly request: RecordedRequest }
  | { readonly kind: 'gap'; readonly gap: RecordedGap }
  | { readonly kind: 'end'; readonly end: RecordedEnd }

/** Whether a line is a request, without reading all of it. */
export function isRequestLine(line: string): boolean {
  return /^\{"at":[\d.]+,"verb":/.test(line)
}

/** Reads a line of the service; null where it is none that this version knows. */
export function readRecordedLine(line: string): RecordedLine | null {
  const fields = parseFields(line)
  if (fields === null) return null
  const value: unknown = fields
  if ('format' in fields) return { kind: 'header', header: value as RecordHeader }
  if ('verb' in fields) return { kind: 'request', request: value as RecordedRequest }
  if ('lost' in fields) return { kind: 'gap', gap: value as RecordedGap }
  if ('ended' in fields) return { kind: 'end', end: value as RecordedEnd }
  return null
}
