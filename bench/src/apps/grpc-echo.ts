/** What a call of gRPC costs in Node at least: answers every request with the bytes it was given. Prints where it listens as the service does. */
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import { CONSUME } from '../harness/grpc-load.ts'

const answer = Buffer.from(process.argv[2] ?? '', 'base64')
const itself = (bytes: Buffer): Buffer => bytes

const server = new Server({ 'grpc.enable_channelz': 0 })
server.register(
  CONSUME,
  (_: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => reply(null, answer),
  itself,
  itself,
  'unary',
)
process.on('message', () => process.send?.(process.cpuUsage()))
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error
  console.log(JSON.stringify({ url: `grpc://127.0.0.1:${port}` }))
})
