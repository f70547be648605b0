/**
 * What clients and gateways send to `POST /v1/consume` as they come, recorded octet by octet on 1 December 2026. Each is to
 * be answered on the fast path; those that cannot be are in `recorded-exceptions.ts`.
 */

/** A request of a client. */
export interface RecordedClient {
  /** The client, and its version. */
  readonly name: string
  /** The lines of the head, without their ends. */
  readonly head: readonly string[]
  readonly body: string
}

/** What most of them were told to send. */
export const BODY = '{"attributes":{"user":"alice"}}'

/** The request as it goes over a connection. */
export function octetsOf({ head, body }: RecordedClient): string {
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

export const recordedClients: readonly RecordedClient[] = [
  {
    name: 'fetch of Node 24.21.0',
    head: [
      'POST /v1/consume HTTP/1.1',
      'host: 127.0.0.1:8080',
      'connection: keep-alive',
      'content-type: application/json',
      'accept: */*',
      'accept-language: *',
      'sec-fetch-mode: cors',
      'user-agent: node',
      'accept-encoding: gzip, deflate',
      'content-length: 31',
    ],
    body: BODY,
  },
  {
    name: 'undici 7.30.2, request',
    head: [
      'POST /v1/consume HTTP/1.1',
      'host: 127.0.0.1:8080',
      'connection: keep-alive',
      'content-type: application/json',
      'content-length: 31',
    ],
    body: BODY,
  },
  {
    name: 'node:http of Node 24.21.0, with an agent',
    head: [
      'POST /v1/consume HTTP/1.1',
      'content-type: application/json',
      'content-length: 31',
      'Host: 127.0.0.1:8080',
      'Connection: keep-alive',
    ],
    body: BODY,
  },
  {
    name: 'headgate/client on Node',
    head: [
      'POST /v1/consume HTTP/1.1',
      'accept: application/json, application/problem+json',
      'content-type: application/json',
      'authorization: Bearer a-key-of-this-service',
      'content-length: 49',
      'Host: 127.0.0.1:8080',
      'Connection: keep-alive',
    ],
    body: '{"attributes":{"user":"alice"},"deadlineMs":1000}',
  },
  {
    name: 'axios 1.21.1',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Accept: application/json, text/plain, */*',
      'Content-Type: application/json',
      'User-Agent: axios/1.21.1',
      'Content-Length: 31',
      'Accept-Encoding: gzip, compress, deflate, br',
      'Host: 127.0.0.1:8080',
      'Connection: keep-alive',
    ],
    body: BODY,
  },
  {
    name: 'got 14.6.6',
    head: [
      'POST /v1/consume HTTP/1.1',
      'user-agent: got (https://github.com/sindresorhus/got)',
      'content-type: application/json',
      'accept: application/json',
      'content-length: 31',
      'accept-encoding: gzip, deflate, br, zstd',
      'Host: 127.0.0.1:8080',
      'Connection: keep-alive',
    ],
    body: BODY,
  },
  {
    name: 'fetch of Deno 2.9.6',
    head: [
      'POST /v1/consume HTTP/1.1',
      'content-length: 31',
      'content-type: application/json',
      'accept: */*',
      'accept-language: *',
      'user-agent: Deno/2.9.6',
      'accept-encoding: gzip,br',
      'host: 127.0.0.1:8080',
    ],
    body: BODY,
  },
  {
    name: 'fetch of Bun 1.4.5',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Content-Type: application/json',
      'Connection: keep-alive',
      'User-Agent: Bun/1.4.5',
      'Accept: */*',
      'Host: 127.0.0.1:8080',
      'Accept-Encoding: gzip, deflate, br, zstd',
      'Content-Length: 31',
    ],
    body: BODY,
  },
  {
    name: 'net/http of Go 1.26.8',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8080',
      'User-Agent: Go-http-client/1.1',
      'Content-Length: 31',
      'Content-Type: application/json',
      'Accept-Encoding: gzip',
    ],
    body: BODY,
  },
  {
    name: 'requests 2.34.2, Python',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8080',
      'User-Agent: python-requests/2.34.2',
      'Accept-Encoding: gzip, deflate',
      'Accept: */*',
      'Connection: keep-alive',
      'Content-Length: 33',
      'Content-Type: application/json',
    ],
    body: '{"attributes": {"user": "alice"}}',
  },
  {
    name: 'httpx 0.28.1, Python',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8080',
      'Accept: */*',
      'Accept-Encoding: gzip, deflate',
      'Connection: keep-alive',
      'User-Agent: python-httpx/0.28.1',
      'Content-Length: 31',
      'Content-Type: application/json',
    ],
    body: BODY,
  },
  {
    name: 'aiohttp 3.14.5, Python',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8080',
      'Accept: */*',
      'Accept-Encoding: gzip, deflate',
      'User-Agent: Python/3.11 aiohttp/3.14.5',
      'Content-Length: 33',
      'Content-Type: application/json',
    ],
    body: '{"attributes": {"user": "alice"}}',
  },
  {
    name: 'java.net.http of Java 17.0.15, told to speak HTTP/1.1',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Content-Length: 31',
      'Host: 127.0.0.1:8080',
      'User-Agent: Java-http-client/17.0.15',
      'Content-Type: application/json',
    ],
    body: BODY,
  },
  {
    name: 'HttpURLConnection of Java 17.0.15',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Content-Type: application/json',
      'User-Agent: Java/17.0.15',
      'Host: 127.0.0.1:8080',
      'Accept: text/html, image/gif, image/jpeg, */*; q=0.2',
      'Connection: keep-alive',
      'Content-Length: 31',
    ],
    body: BODY,
  },
  {
    name: 'OkHttp 5.5.1, Java',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Content-Type: application/json; charset=utf-8',
      'Content-Length: 31',
      'Host: 127.0.0.1:8080',
      'Connection: Keep-Alive',
      'Accept-Encoding: gzip',
      'User-Agent: okhttp/5.5.1',
    ],
    body: BODY,
  },
  {
    name: 'Apache HttpClient 5.6.5, Java',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Accept-Encoding: gzip, deflate, x-gzip',
      'Host: 127.0.0.1:8080',
      'Content-Length: 31',
      'Content-Type: application/json; charset=UTF-8',
      'Connection: keep-alive',
      'User-Agent: Apache-HttpClient/5.6.5 (Java/17.0.15)',
    ],
    body: BODY,
  },
  {
    name: 'reqwest 0.12.28, Rust',
    head: [
      'POST /v1/consume HTTP/1.1',
      'content-type: application/json',
      'content-length: 31',
      'accept: */*',
      'host: 127.0.0.1:8080',
    ],
    body: BODY,
  },
  {
    name: 'Net::HTTP of Ruby 3.1.2',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Content-Type: application/json',
      'Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3',
      'Accept: */*',
      'User-Agent: Ruby',
      'Host: 127.0.0.1:8080',
      'Content-Length: 31',
    ],
    body: BODY,
  },
  {
    name: 'curl of PHP 8.2.36',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8080',
      'Accept: */*',
      'Content-Type: application/json',
      'Content-Length: 31',
    ],
    body: BODY,
  },
  {
    name: 'curl 7.88.1',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8080',
      'User-Agent: curl/7.88.1',
      'Accept: */*',
      'content-type: application/json',
      'Content-Length: 31',
    ],
    body: BODY,
  },
  {
    name: 'nginx 1.22.1, keepalive to the upstream',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: h',
      'Content-Length: 31',
      'User-Agent: curl/7.88.1',
      'Accept: */*',
      'content-type: application/json',
    ],
    body: BODY,
  },
  {
    name: 'HAProxy 2.6.12, forwardfor',
    head: [
      'POST /v1/consume HTTP/1.1',
      'host: 127.0.0.1:8000',
      'user-agent: curl/7.88.1',
      'accept: */*',
      'content-type: application/json',
      'content-length: 31',
      'x-forwarded-for: 127.0.0.1',
    ],
    body: BODY,
  },
  {
    name: 'Envoy 1.40.0',
    head: [
      'POST /v1/consume HTTP/1.1',
      'host: 127.0.0.1:8000',
      'user-agent: curl/7.88.1',
      'accept: */*',
      'content-type: application/json',
      'content-length: 31',
      'x-forwarded-proto: http',
      'x-request-id: c461e154-b2ad-4baa-8f35-e49d8bd26a7f',
      'x-envoy-expected-rq-timeout-ms: 15000',
    ],
    body: BODY,
  },
  {
    name: 'Caddy 2.6.2',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8000',
      'User-Agent: curl/7.88.1',
      'Content-Length: 31',
      'Accept: */*',
      'Content-Type: application/json',
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Host: 127.0.0.1:8000',
      'X-Forwarded-Proto: http',
      'Accept-Encoding: gzip',
    ],
    body: BODY,
  },
  {
    name: 'wrk 4.1.0',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Content-Type: application/json',
      'Host: 127.0.0.1:8080',
      'Content-Length: 31',
    ],
    body: BODY,
  },
  {
    name: 'h2load of nghttp2 1.52.0, --h1',
    head: [
      'POST /v1/consume HTTP/1.1',
      'Host: 127.0.0.1:8080',
      'user-agent: h2load nghttp2/1.52.0',
      'content-type: application/json',
      'Content-Length: 31',
    ],
    body: BODY,
  },
]
