/** Clients and gateways whose requests go to the ordinary server, recorded as those of `recorded-clients.ts`, and why. */
import type { HandOverReason } from '../../src/transports/http/fast/fast-path.ts'
import { BODY, type RecordedClient } from './recorded-clients.ts'

/** A request that is handed over. */
export interface RecordedException extends RecordedClient {
  /** What of it is not taken. */
  readonly why: string
  readonly reason: HandOverReason
}

export const recordedExceptions: readonly RecordedException[] = [
  {
    name: 'nginx 1.22.1 as it comes',
    why: 'HTTP/1.0',
    reason: 'target',
    head: [
      'POST /v1/consume HTTP/1.0',
      'Host: 127.0.0.1:8080',
      'Connection: close',
      'Content-Length: 31',
      'User-Agent: curl/7.88.1',
      'Accept: */*',
      'content-type: application/json',
    ],
    body: BODY,
  },
  {
    name: 'ab 2.3 (Apache), -k',
    why: 'HTTP/1.0',
    reason: 'target',
    head: [
      'POST /v1/consume HTTP/1.0',
      'Connection: Keep-Alive',
      'Content-length: 31',
      'Content-type: application/json',
      'Host: 127.0.0.1:8080',
      'User-Agent: ApacheBench/2.3',
      'Accept: */*',
    ],
    body: BODY,
  },
  {
    name: 'urllib of Python 3.11',
    why: 'Connection: close',
    reason: 'field',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Accept-Encoding: identity',
      'Content-Length: 31',
      'Host: 127.0.0.1:8080',
      'User-Agent: Python-urllib/3.11',
      'Content-Type: application/json',
      'Connection: close',
    ],
    body: BODY,
  },
  {
    name: 'java.net.http of Java 17.0.15 as it comes',
    why: 'an upgrade to HTTP/2 with each request',
    reason: 'field',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Connection: Upgrade, HTTP2-Settings',
      'Content-Length: 31',
      'Host: 127.0.0.1:8080',
      'HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA',
      'Upgrade: h2c',
      'User-Agent: Java-http-client/17.0.15',
      'Content-Type: application/json',
    ],
    body: BODY,
  },
  {
    name: 'node:http of Node 24.21.0, by write()',
    why: 'Transfer-Encoding: chunked',
    reason: 'field',
    head: [
      'POST /v1/consume HTTP/1.1',
      'content-type: application/json',
      'Host: 127.0.0.1:8080',
      'Connection: keep-alive',
      'Transfer-Encoding: chunked',
    ],
    body: '1f\r\n{"attributes":{"user":"alice"}}\r\n0\r\n\r\n',
  },
  {
    name: 'headgate/client on Deno 2.9.6',
    why: 'Transfer-Encoding: chunked',
    reason: 'field',
    head: [
      'POST /v1/consume HTTP/1.1',
      'accept: application/json, application/problem+json',
      'content-type: application/json',
      'authorization: Bearer a-key-of-this-service',
      'accept-language: *',
      'user-agent: Deno/2.9.6',
      'accept-encoding: gzip,br',
      'host: 127.0.0.1:8080',
      'transfer-encoding: chunked',
    ],
    body: '31\r\n{"attributes":{"user":"alice"},"deadlineMs":1000}\r\n0\r\n\r\n',
  },
]
