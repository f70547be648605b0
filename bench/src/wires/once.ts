/** One request, whose answer is looked at. */
import { Client, credentials } from '@grpc/grpc-js'
import type { WireParams } from '../subjects/wire.ts'
import type { Question } from './question.ts'
import type { Wire } from './start-wire.ts'

/** Field 1 of an answer, which lets a request pass: `OK` of Envoy's, and `allowed` of throttlecrab's. */
const PASSES = Buffer.from([8, 1])
const PREFIX_BYTES = 5
const itself = (bytes: Buffer): Buffer => bytes

/** Asks once; returns how many octets the answer has, which must let the request pass. */
export function once(server: Wire, { path, body, fields }: Question, params: WireParams): Promise<number> {
  return params.wire === 'http'
    ? overHttp(`http://127.0.0.1:${server.port}${path}`, { body, isEcho: params.of === 'node:http', fields })
    : overGrpc(server, path, body.subarray(PREFIX_BYTES))
}

interface Asked {
  readonly body: Buffer
  readonly isEcho: boolean
  readonly fields: readonly string[]
}

async function overHttp(url: string, { body, isEcho, fields }: Asked): Promise<number> {
  const headers = fields.map((field) => field.split(': ') as [string, string])
  const response = await fetch(url, { method: 'POST', headers, body: body.toString() })
  const text = await response.text()
  const passes = isEcho ? text === body.toString() : text.includes('"allowed":true')
  if (response.status !== 200 || !passes) throw new Error(`answered ${response.status}: ${text}`)
  return Buffer.byteLength(text)
}

async function overGrpc({ port, ca }: Wire, path: string, message: Buffer): Promise<number> {
  const trust = ca === null ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca))
  const client = new Client(`localhost:${port}`, trust)
  const answer = await new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(path, itself, itself, message, (error, bytes) =>
      error === null ? resolve(bytes as Buffer) : reject(error),
    )
  })
  client.close()
  if (!answer.subarray(0, PASSES.length).equals(PASSES)) {
    throw new Error(`answered ${answer.toString('hex')}`)
  }
  return PREFIX_BYTES + answer.length
}
