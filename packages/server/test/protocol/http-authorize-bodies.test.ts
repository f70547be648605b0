/** Gateways pass on what their clients say of a body, with the body or without: `/v1/authorize` has no use for either. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type LiveServer, live } from './live-server.ts'

const LIMIT = 64 * 1024
const FILE = `
trustedProxies: [127.0.0.0/8]
policies:
  - { name: api, key: ip, rules: [1/min] }
`

function head(method: string, fields: string): string {
  return `${method} /v1/authorize HTTP/1.1\r
host: a\r
x-forwarded-for: 203.0.113.7\r
x-forwarded-method: POST\r
x-forwarded-uri: /upload\r
${fields}\r
`
}

/** All that comes back on one connection, until it ends or there are as many answers. */
async function exchange({ port }: LiveServer, bytes: readonly (string | Buffer)[], answers: number) {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let isEndedByService = true
  socket.on('data', (chunk) => {
    text += chunk
    if ((text.match(/^HTTP\/1\.1/gm)?.length ?? 0) < answers) return
    isEndedByService = false
    socket.destroy()
  })
  // The service may close before all of a body is written.
  socket.on('error', () => {})
  for (const piece of bytes) socket.write(piece)
  await once(socket, 'close')
  return { text, isEndedByService, statuses: text.match(/(?<=^HTTP\/1\.1 )\d{3}/gm) ?? [] }
}

const NEVER = Number.POSITIVE_INFINITY
const json = 'content-type: application/json\r\n'

describe.each(['GET', 'POST'])('/v1/authorize by %s', (method) => {
  it.each<[string, string, string | Buffer]>([
    ['a compressed body', `content-encoding: gzip\r\n${json}`, gzipSync('{"a":1}')],
    ['a coding without a body', 'content-encoding: br\r\ncontent-type: text/css\r\n', ''],
    ['a form', 'content-type: application/x-www-form-urlencoded\r\n', 'user=alice'],
    ['a form without a body', 'content-type: application/x-www-form-urlencoded\r\n', ''],
    ['an upload', 'content-type: multipart/form-data; boundary=x\r\n', '--x--'],
    ['text', 'content-type: text/plain\r\n', 'text'],
    ['broken JSON', json, '{"a'],
    ['JSON without a body', json, ''],
    ['what is no media type', 'content-type: nonsense\r\n', 'a'],
    ['an empty media type', 'content-type: \r\n', 'a'],
    ['a body without a media type', '', 'a'],
    ['what the client expects', 'expect: nothing\r\n', 'a'],
    ['as much as is read', '', 'a'.repeat(LIMIT)],
  ])('takes %s, and goes on with the connection', async (_, fields, body) => {
    await using server = await live(FILE)
    const request = head(method, `${fields}content-length: ${body.length}\r\n`)
    const { statuses } = await exchange(server, [request, body, request, body], 2)
    expect(statuses).toEqual(['200', '429'])
  })

  it('takes a body in chunks', async () => {
    await using server = await live(FILE)
    const request = `${head(method, 'transfer-encoding: chunked\r\n')}1\r\na\r\n0\r\n\r\n`
    expect((await exchange(server, [request, request], 2)).statuses).toEqual(['200', '429'])
  })

  it.each([
    ['by its length, which is not waited for', `content-length: ${LIMIT + 1}\r\n`, 'a'],
    [
      'in chunks without end',
      'transfer-encoding: chunked\r\n',
      `${(LIMIT + 1).toString(16)}\r\n${'a'.repeat(LIMIT + 1)}\r\n`,
    ],
  ])('answers beside a body above 64 KiB, %s, and closes the connection', async (_, fields, body) => {
    await using server = await live(FILE)
    const answer = await exchange(server, [head(method, fields), body], NEVER)
    expect(answer).toMatchObject({ isEndedByService: true, statuses: ['200'] })
    expect(answer.text.toLowerCase()).toContain('\r\nconnection: close\r\n')
  })
})

it('reports no defect when a gateway leaves in the middle of a body', async () => {
  await using server = await live(FILE)
  const failures: unknown[] = []
  server.service.on('failure', (failure) => failures.push(failure))
  const socket = connect(server.port, '127.0.0.1')
  socket.write(`${head('POST', 'content-length: 9\r\n')}a`)
  socket.end()
  await once(socket.resume(), 'close')
  const next = await exchange(server, [head('POST', 'content-length: 0\r\n')], 1)
  expect([next.statuses, failures]).toEqual([['200'], []])
})
