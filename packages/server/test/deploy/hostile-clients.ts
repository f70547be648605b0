/** Clients that would be somebody else, or ask for something else than they are judged by. */
import { connect } from 'node:net'

/** Fields by which clients say who they are or what they ask for; some twice, or to be removed on the way. */
export const SPOOFED_FIELDS: readonly (readonly string[])[] = [
  ['X-Forwarded-For: 198.51.100.1'],
  ['X-Forwarded-For: 198.51.100.2', 'X-Forwarded-For: 198.51.100.3'],
  ['X-Forwarded-Uri: /', 'X-Original-Uri: /', 'X-Original-URI: /'],
  ['X-Forwarded-Method: GET', 'X-Original-Method: GET', 'X-HTTP-Method-Override: GET'],
  ['Forwarded: for=198.51.100.4', 'X-Real-Ip: 198.51.100.5', 'X-Envoy-External-Address: 198.51.100.6'],
  ['Connection: close, x-forwarded-for, x-forwarded-uri, x-forwarded-method, x-original-uri'],
  ['X-Forwarded-Host: a.example', 'X-Forwarded-Host: b.example'],
  ['X_Forwarded_For: 198.51.100.7', 'X_Original_Uri: /', 'X-Forwarded-Path: /'],
  ['X-Original-Url: /', 'X-Rewrite-Url: /', 'X-Envoy-Original-Path: /'],
]

/** Spellings of paths below `/internal`, in the form of a target. */
export const SPELLINGS: readonly string[] = [
  '/internal',
  '/internal/',
  '/internal/x?a=/public',
  '//internal/x',
  '///internal//x',
  '/%69nternal/x',
  '/%49nternal/../internal/x',
  '/internal%2fx',
  '/internal%5cx',
  '/internal%00',
  '/internal%3fx',
  '/internal\\x',
  '/internal;v=1/x',
  '/a/../internal/x',
  '/a/%2e%2E/internal/',
  '/a%2F..%2Finternal',
  '/a/..%2finternal',
  '/a/..;/internal',
  '/./internal/x',
  '/%2e/internal',
  '/%252e/internal',
  '/%2finternal',
  '/%c0%ae%c0%ae/internal',
  'http://127.0.0.1/internal/x',
  'http://elsewhere.example//internal',
]

/** Where these clients come from; others come from 127.0.0.1. */
const FROM = '127.0.0.66'

/** Sends the request line and these lines of its header, as they are; answers with the status. */
export function statusOf(port: number, line: string, fields: readonly string[] = []): Promise<number> {
  const all = [`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Content-Length: 0', ...fields]
  const socket = connect({ port, host: '127.0.0.1', localAddress: FROM })
  socket.write(`${all.join('\r\n')}\r\n\r\n`)
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(text) ?? []
      if (status === undefined) return
      socket.destroy()
      resolve(Number(status))
    })
    socket.once('error', reject)
    socket.once('end', () => reject(new Error(`no status for ${line}`)))
  })
}
