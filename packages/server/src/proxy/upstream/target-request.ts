import type { UpstreamRequest } from './forwarding.ts'

/**
 * The fields of a request as they are handed to the client of HTTP, which writes those of the connection and the framing itself, and
 * refuses requests that have them. With `host: target`, the host is left to it as well.
 */
export function requestFields(request: UpstreamRequest, host: 'keep' | 'target'): string[] {
  const { fields, body, contentLength } = request
  const sent: string[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string
    switch (name) {
      case 'connection':
      case 'content-length':
      case 'expect':
      case 'keep-alive':
      case 'proxy-connection':
      case 'te':
      case 'trailer':
      case 'transfer-encoding':
      case 'upgrade':
        continue
      case 'host':
        if (host === 'target') continue
    }
    sent.push(name, fields[i + 1] as string)
  }
  if (contentLength !== null && (body !== null || contentLength === 0)) {
    sent.push('content-length', String(contentLength))
  }
  return sent
}
