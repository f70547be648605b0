import { describe, expect, it } from 'vitest'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { readHead } from '../../src/http2/request-head.ts'

const list = (text: string): HeaderField[] =>
  text.split(' | ').map((field) => {
    const at = field.indexOf('=', 1)
    return { name: field.slice(0, at), value: field.slice(at + 1) }
  })

const GET = ':method=GET | :scheme=http | :path=/'

describe('the head of a request in HTTP/2', () => {
  it('has its pseudo-fields apart from its fields', () => {
    const head = readHead(list(`${GET} | :authority=a | x=1 | x=2 | content-length=5`))
    expect(head).toMatchObject({ method: 'GET', scheme: 'http', path: '/', authority: 'a', isRequest: true })
    expect(head.fields).toEqual(list('x=1 | x=2 | content-length=5'))
    expect(head.contentLength).toBe(5)
  })

  it.each([
    GET,
    `${GET} | host=a`,
    `${GET} | :authority=Example.com | host=example.COM`,
    `${GET} | te=trailers`,
    `${GET} | content-length=5 | content-length=5`,
    `${GET} | x=`,
    ':method=OPTIONS | :scheme=http | :path=*',
    ':method=CONNECT | :authority=a:80',
    ':path=/ | :scheme=https | :method=PRI',
  ])('is well-formed: %s', (text) => {
    expect(readHead(list(text)).isRequest).toBe(true)
  })

  it.each([
    'x=1',
    ':method=GET | :path=/',
    ':method=GET | :scheme=http',
    ':scheme=http | :path=/',
    ':method=GET | :scheme= | :path=/',
    ':method= | :scheme=http | :path=/',
    ':method=GE T | :scheme=http | :path=/',
    ':method=GET | :scheme=http | :path=',
    ':method=GET | :scheme=http | :path=a',
    ':method=GET | :scheme=http | :path=*',
    `${GET} | :path=/`,
    `${GET} | :status=200`,
    `${GET} | :protocol=websocket`,
    `${GET} | x=1 | :authority=a`,
    `${GET} | X=1`,
    `${GET} | x y=1`,
    `${GET} | x:y=1`,
    `${GET} | é=1`,
    `${GET} | =1`,
    `${GET} | x= 1`,
    `${GET} | x=1\t`,
    `${GET} | x=1\r\ny: 2`,
    `${GET} | x=1\0`,
    ':method=GET | :scheme=http | :path=/\r\n',
    `${GET} | connection=close`,
    `${GET} | proxy-connection=close`,
    `${GET} | keep-alive=1`,
    `${GET} | transfer-encoding=chunked`,
    `${GET} | upgrade=h2c`,
    `${GET} | te=gzip`,
    `${GET} | te=trailers, gzip`,
    `${GET} | content-length=+5`,
    `${GET} | content-length=5, 5`,
    `${GET} | content-length=5 | content-length=6`,
    `${GET} | content-length=9999999999999999`,
    `${GET} | :authority=a | host=b`,
    `${GET} | host=a | host=b`,
    ':method=CONNECT | :authority=a | :scheme=http | :path=/',
    ':method=CONNECT',
  ])('is malformed: %j', (text) => {
    expect(readHead(list(text)).isRequest).toBe(false)
  })

  it.each(['x=1', 'x=1 | content-length=5'])('may be trailers: %s', (text) => {
    expect(readHead(list(text)).isTrailers).toBe(true)
  })

  it.each([GET, ':path=/', 'X=1', 'upgrade=h2c'])('may not be trailers: %s', (text) => {
    expect(readHead(list(text)).isTrailers).toBe(false)
  })
})
