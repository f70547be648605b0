import type { FailureReason } from './upstream-failures.ts'

/** Most fields of a response. */
const FIELDS_MAX = 200
const UNPRINTABLE = /[^\t\x20-\x7e\x80-\xff]/

/**
 * The end-to-end fields of a response in flat pairs, names in lower case: without those of the connection, and what `Connection`
 * names; a 204 has no length either. What is wrong, where the end of the response could be read in two ways, its body has a coding
 * besides chunks, or there are more than 200.
 */
export function responseFields(raw: readonly Buffer[], status: number): string[] | FailureReason {
  if (raw.length > 2 * FIELDS_MAX) return 'head-too-large'
  const fields: string[] = []
  let lengths = 0
  let isChunked = false
  let named: string | null = null
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = latin1(raw[i]).toLowerCase()
    const value = latin1(raw[i + 1])
    switch (name) {
      case 'connection':
        named = named === null ? value : `${named},${value}`
        continue
      case 'transfer-encoding':
        // What is coded in another way besides would be sent on without a word of it.
        if (isChunked || value.toLowerCase() !== 'chunked') return 'bad-response'
        isChunked = true
        continue
      case 'keep-alive':
      case 'proxy-connection':
      case 'te':
      case 'trailer':
      case 'upgrade':
        continue
      case 'content-length':
        lengths++
        if (status === 204) continue
    }
    fields.push(name, value)
  }
  if (lengths > 1 || (lengths === 1 && isChunked)) return 'bad-response'
  return named === null ? fields : withoutNamed(fields, named.toLowerCase())
}

/** Whether a response ends with its head, whatever length it names. */
export function hasNoBody(status: number): boolean {
  return status === 204 || status === 304
}

/** A text as a status line may have it: it is left out otherwise. */
export function printable(statusText: string): string {
  return UNPRINTABLE.test(statusText) ? '' : statusText
}

/** The protocol that a target changes to, in lower case; empty where it names none. */
export function upgradeOf(raw: readonly Buffer[]): string {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (latin1(raw[i]).toLowerCase() === 'upgrade') return latin1(raw[i + 1]).toLowerCase()
  }
  return ''
}

function withoutNamed(fields: string[], named: string): string[] {
  if (named === 'keep-alive' || named === 'close') return fields
  const names = named.split(',').map((name) => name.trim())
  const kept: string[] = []
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string
    if (!names.includes(name)) kept.push(name, fields[i + 1] as string)
  }
  return kept
}

function latin1(bytes: Buffer | undefined): string {
  return bytes === undefined ? '' : bytes.toString('latin1')
}
