/** How gRPC writes the end of a call in fields of HTTP. */
import type { HeaderField } from '../../../http2/hpack/hpack-field.ts'
import type { RpcStatus } from '../rpc-status.ts'

type Fields = readonly HeaderField[]

/** The head of every answer. */
export const OK_HEAD: Fields = [
  { name: ':status', value: '200' },
  { name: 'content-type', value: 'application/grpc' },
]

/** The end of an answer that is whole. */
export const OK_TRAILERS: Fields = [{ name: 'grpc-status', value: '0' }]

/** Which encodings of messages are understood: said where one was sent that is not. */
export const ACCEPTED: Fields = [{ name: 'grpc-accept-encoding', value: 'identity' }]

/** A head that is the whole answer, by a status of HTTP. */
export function httpRefusal(status: number, more: Fields = []): Fields {
  return [{ name: ':status', value: String(status) }, ...more]
}

/** A head that is the whole answer, by a status of gRPC. */
export function refusal(status: RpcStatus, more: Fields = []): Fields {
  return [...OK_HEAD, ...more, ...statusFields(status)]
}

/** The trailers of a call that ends with an error. */
export function statusFields({ code, message, details }: RpcStatus): Fields {
  const fields = [
    { name: 'grpc-status', value: String(code) },
    { name: 'grpc-message', value: percentEncoded(message) },
  ]
  if (details === null) return fields
  // Without padding, as it is to be sent.
  const value = details.toString('base64').replace(/=+$/, '')
  return [...fields, { name: 'grpc-status-details-bin', value }]
}

const PLAIN = /^[ -$&-~]*$/

/** A text in visible ASCII: any other octet of its UTF-8, and the percent sign, as `%` and two digits. */
function percentEncoded(text: string): string {
  if (PLAIN.test(text)) return text
  return Array.from(Buffer.from(text), (octet) => {
    const character = String.fromCharCode(octet)
    return PLAIN.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}
