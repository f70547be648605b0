import { describe, expect, it } from 'vitest'
import { readListenPort } from './read-listen-port.ts'

describe('readListenPort', () => {
  it.each([
    ['0', 0],
    ['65535', 65_535],
    ['/run/headgate/http.sock', { path: '/run/headgate/http.sock' }],
    ['./http.sock', { path: './http.sock' }],
    ['off', 'off'],
  ])('reads %s', (text, port) => {
    expect(readListenPort(text, '--port')).toEqual(port)
  })

  it.each([
    ['65536', 'is not a port; give --port a number from 0 to 65535, a path with a slash'],
    ['-1', 'is not a port'],
    ['http.sock', 'is not a port'],
    ['OFF', 'is not a port'],
    ['http://a:80/', 'is not a port'],
    ['/run/headgate/', 'is not the path of a Unix socket; give --port one such as'],
    ['/run/\0', 'is not the path of a Unix socket'],
    [`/run/${'é'.repeat(52)}`, 'is too long for a Unix socket; give --port at most 107 bytes'],
  ])('refuses %j', (text, message) => {
    expect(() => readListenPort(text, '--port')).toThrow(message)
  })
})
