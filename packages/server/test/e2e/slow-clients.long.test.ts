/** Clients that open connections and send little, or nothing: each is let go when its time is over, and nobody else waits. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificates } from '../../../limiter/test/harness/certificates.ts'
import { ConfigFolder } from './config-folder.ts'
import { HeadgateProcess } from './headgate-process.ts'

const { ca, server } = certificates()
/** Limits are 10 s, looked at once a second. */
const LATEST_MS = 30_000
const EARLIEST_MS = 8_000

let config: ConfigFolder
let plain: HeadgateProcess
let secure: HeadgateProcess

beforeAll(async () => {
  config = new ConfigFolder('policies: []')
  plain = await HeadgateProcess.serve(['-c', config.file])
  writeFileSync(config.file, `tls: { certFile: ${server.cert}, keyFile: ${server.key} }\npolicies: []`)
  secure = await HeadgateProcess.serve(['-c', config.file])
})

afterAll(async () => {
  await plain[Symbol.asyncDispose]()
  await secure[Symbol.asyncDispose]()
  config[Symbol.dispose]()
})

interface Kept {
  readonly text: string
  readonly ms: number
}

/** How long a connection is kept on which `send` does what it does. */
async function kept(socket: Socket, send: (socket: Socket) => unknown): Promise<Kept> {
  const start = performance.now()
  let text = ''
  socket.on('error', () => {}).on('data', (chunk) => (text += chunk))
  const timer = setInterval(() => send(socket), 500)
  send(socket)
  await once(socket, 'close')
  clearInterval(timer)
  return { text, ms: performance.now() - start }
}

const to = ({ url }: HeadgateProcess): Socket => connect(Number(new URL(url).port), '127.0.0.1')
const inTime = ({ ms }: Kept): boolean => ms > EARLIEST_MS && ms < LATEST_MS

describe.concurrent('a client that', () => {
  it.each([
    ['sends nothing', () => {}],
    [
      'sends a header byte by byte',
      (socket: Socket) => socket.write('GET /livez HTTP/1.1\r\nx: '.charAt(socket.bytesWritten)),
    ],
    [
      'sends fields of a header without end',
      (socket: Socket) => socket.write(socket.bytesWritten === 0 ? 'GET /livez HTTP/1.1\r\n' : 'x: y\r\n'),
    ],
    [
      'sends a body byte by byte',
      (socket: Socket) =>
        socket.write(
          socket.bytesWritten === 0
            ? 'POST /v1/consume HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n'
            : ' ',
        ),
    ],
  ])('%s is told 408 and let go after 10 s', async (_, send) => {
    const one = await kept(to(plain), send)
    expect(one.text).toMatch(/^HTTP\/1.1 408 /)
    expect(inTime(one)).toBe(true)
  })

  it('begins no handshake is let go after 10 s', async () => {
    const one = await kept(to(secure), () => {})
    expect([one.text, inTime(one)]).toEqual(['', true])
  })

  it('sends half of a handshake is let go after 10 s, and counted', async () => {
    const one = await kept(to(secure), (socket) => {
      if (socket.bytesWritten === 0) socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
    })
    expect([one.text, inTime(one)]).toEqual(['', true])
    expect(secure.log).toContainEqual(expect.objectContaining({ transport: 'http', reason: 'handshake' }))
  })

  it('sends nothing after its handshake is told 408 and let go after 10 s', async () => {
    const socket = connectTls({ port: Number(new URL(secure.url).port), host: '127.0.0.1', ca })
    const one = await kept(socket, () => {})
    expect(one.text).toMatch(/^HTTP\/1.1 408 /)
    expect(inTime(one)).toBe(true)
  })

  it('is quick is answered meanwhile, while 500 others send nothing', async () => {
    const others = Array.from({ length: 500 }, () => to(plain).on('error', () => {}))
    for (let i = 0; i < 50; i++) expect((await plain.get('/livez')).status).toBe(200)
    for (const one of others) one.destroy()
  })
})
