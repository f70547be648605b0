import type { UpstreamRequest } from './forwarding.ts'

/** Fields that the client of HTTP writes itself, and refuses in requests. */
const WRITTEN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * The fields of a request as they are handed to the client of HTTP: without those that it writes itself, and with the length of the
 * body. With `host: target` the host is left to it as well.
 */
export function requestFields(request: UpstreamRequest, host: 'keep' | 'target'): string[] {
  const { fields, body, contentLength } = request
  const sent: string[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string
    if (WRITTEN.has(name) || (name === 'host' && host === 'target')) continue
    sent.push(name, fields[i + 1] as string)
  }
  if (contentLength !== null && (body !== null || contentLength === 0)) {
    sent.push('content-length', String(contentLength))
  }
  return sent
}
