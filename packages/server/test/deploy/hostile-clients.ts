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

/** Spellings of paths in a folder of this name, in the form of a target. */
export function spellingsOf(folder: string): string[] {
  const encoded = `%${folder.charCodeAt(0).toString(16)}${folder.slice(1)}`
  return [
    `/${folder}`,
    `/${folder}/`,
    `/${folder}/x?a=/public`,
    `//${folder}/x`,
    `///${folder}//x`,
    `/${encoded}/x`,
    `/${folder}%2fx`,
    `/${folder}%5cx`,
    `/${folder}%00`,
    `/${folder}%3fx`,
    `/${folder}\\x`,
    `/${folder};v=1/x`,
    `/a/../${folder}/x`,
    `/a/%2e%2E/${folder}/`,
    `/a%2F..%2F${folder}`,
    `/a/..%2f${folder}`,
    `/a/..;/${folder}`,
    `/./${folder}/x`,
    `/%2e/${folder}`,
    `/%252e/${folder}`,
    `/%2f${folder}`,
    `/%c0%ae%c0%ae/${folder}`,
    `http://127.0.0.1/${folder}/x`,
    `http://elsewhere.example//${folder}`,
  ]
}

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
