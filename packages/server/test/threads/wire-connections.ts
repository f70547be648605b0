/** Connections of clients, one a wire, of which a test knows the port at this end. */
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, connect as connectSocket, type Socket } from 'node:net'
import { Decision, LimitRequest } from '../../src/gen/headgate-v1.ts'
import { RespClient } from '../resp/resp-server.ts'

/** What a request asks for, and what of its answer counts. */
export interface Consumed {
  readonly allowed: boolean
  readonly limit: number
}

export interface WireConnection {
  readonly localPort: number
  /** Rejects where the connection is lost; throws a `WrongAnswer` for an error as an answer. */
  consume(attributes: Readonly<Record<string, string>>): Promise<Consumed>
  close(): void
}

export type Connect = (port: number) => Promise<WireConnection>

/** An answer came, and it is no decision. */
export class WrongAnswer extends Error {}

async function connected(port: number): Promise<Socket> {
  const socket = connectSocket(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  return socket
}

const portOf = (socket: Socket): number => (socket.address() as AddressInfo).port

const overHttp: Connect = async (port) => {
  const socket = await connected(port)
  const localPort = portOf(socket)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  Object.assign(agent, { createConnection: () => socket })
  return {
    localPort,
    consume: (attributes) => {
      const { promise, resolve, reject } = Promise.withResolvers<Consumed>()
      if (socket.destroyed) throw new Error('the connection is lost')
      const headers = { 'content-type': 'application/json' }
      const asked = request({ agent, port, path: '/v1/consume', method: 'POST', headers })
      asked.on('error', reject)
      asked.on('response', (response) => {
        let text = ''
        response.on('data', (chunk) => (text += chunk))
        response.on('error', reject)
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text))
          else reject(new WrongAnswer(text))
        })
      })
      asked.end(JSON.stringify({ attributes }))
      return promise
    },
    close: () => {
      agent.destroy()
      socket.destroy()
    },
  }
}

const PREFIX_BYTES = 5

const overGrpc: Connect = async (port) => {
  const socket = await connected(port)
  const session = connectHttp2(`http://127.0.0.1:${port}`, { createConnection: () => socket })
  session.on('error', () => {})
  const localPort = portOf(socket)
  return {
    localPort,
    consume: (attributes) => callGrpc(session, attributes),
    close: () => {
      session.destroy()
      socket.destroy()
    },
  }
}

async function callGrpc(session: ClientHttp2Session, attributes: object): Promise<Consumed> {
  const message = LimitRequest.encode({ attributes, descriptor: [], policy: '', limit: [] } as never)
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(message.length, 1)
  const stream = session.request({
    ':method': 'POST',
    ':path': '/headgate.v1.RateLimiter/Consume',
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  const chunks: Buffer[] = []
  let status: string | undefined
  stream.on('data', (chunk) => chunks.push(chunk))
  stream.on('trailers', (trailers) => (status = String(trailers['grpc-status'])))
  stream.on('response', (headers) => (status ??= headers['grpc-status'] as string | undefined))
  stream.end(Buffer.concat([prefix, message]))
  await once(stream, 'close')
  if (status === undefined) throw new Error('the connection is lost')
  if (status !== '0') throw new WrongAnswer(`grpc-status ${status}`)
  const { allowed, limit = 0 } = Decision.decode(Buffer.concat(chunks).subarray(PREFIX_BYTES))
  return { allowed, limit: Number(limit) }
}

const overResp: Connect = async (port) => {
  const client = new RespClient(await connected(port))
  const localPort = portOf(client.socket)
  client.send('HELLO', '3')
  const hello = await client.read()
  if (hello === 'closed') client.socket.destroy()
  return {
    localPort,
    consume: async (attributes) => {
      const words = Object.entries(attributes).map(([name, value]) => `${name}=${value}`)
      const answer = await client.ask('HG.CONSUME', '*', ...words)
      if (answer === 'closed') throw new Error('the connection is lost')
      if (answer instanceof Error) throw new WrongAnswer(answer.message)
      return answer
    },
    close: () => void client.socket.destroy(),
  }
}

export const CONNECTS: Readonly<Record<'http' | 'grpc' | 'resp', Connect>> = {
  http: overHttp,
  grpc: overGrpc,
  resp: overResp,
}
