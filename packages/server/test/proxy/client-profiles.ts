/** Requests as programs send them: written down from what these send, each header in its order and spelling. */

/** What a program sends. */
export interface ClientProfile {
  readonly name: string
  readonly methods: readonly string[]
  /** In flat pairs, behind the host. */
  readonly fields: readonly string[]
  /** How bodies come, where the method has one; none: never. */
  readonly bodies: readonly ('sized' | 'chunked')[]
}

const READS = ['GET', 'GET', 'HEAD']
const ALL = [...READS, 'POST', 'PUT', 'PATCH', 'DELETE']

export const CLIENT_PROFILES: readonly ClientProfile[] = [
  {
    name: 'Chrome, a page',
    methods: READS,
    bodies: [],
    fields: fieldsOf(`
Connection: keep-alive
Cache-Control: max-age=0
sec-ch-ua: "Google Chrome";v="141", "Not?A_Brand";v="8", "Chromium";v="141"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Windows"
sec-ch-ua-full-version-list: "Google Chrome";v="141", "Not?A_Brand";v="8", "Chromium";v="141"
sec-ch-prefers-color-scheme: dark
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Sec-Fetch-Site: same-origin
Sec-Fetch-Mode: navigate
Sec-Fetch-User: ?1
Sec-Fetch-Dest: document
Sec-Purpose: prefetch;prerender
Referer: https://shop.example/a?b=c#d
Priority: u=0, i
Accept-Encoding: gzip, deflate, br, zstd
Accept-Language: de-DE,de;q=0.9,en;q=0.8
Cookie: session=eyJhIjoxfQ==; _ga=GA1.1.123.456; theme="dark mode"; consent={"a":true,"b":[1,2]}; empty=
If-None-Match: W/"5e-1a2b"
If-Modified-Since: Tue, 01 Dec 2026 10:00:00 GMT
    `),
  },
  {
    name: 'Chrome, a form with files',
    methods: ['POST'],
    bodies: ['sized'],
    fields: fieldsOf(`
Connection: keep-alive
Origin: https://shop.example
User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36
Cookie: session=eyJhIjoxfQ==; _ga=GA1.1.123.456; theme="dark mode"; consent={"a":true,"b":[1,2]}; empty=
Content-Type: multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW
DNT: 1
Sec-GPC: 1
Sec-Fetch-Site: same-origin
Sec-Fetch-Mode: cors
Sec-Fetch-Dest: empty
X-Requested-With: XMLHttpRequest
    `),
  },
  {
    name: 'Firefox, fetch of JSON',
    methods: ALL,
    bodies: ['sized'],
    fields: fieldsOf(`
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0
Accept: */*
Accept-Language: en-US,en;q=0.5
Accept-Encoding: gzip, deflate, br, zstd
Content-Type: application/json
Origin: https://shop.example
Connection: keep-alive
Cookie: session=eyJhIjoxfQ==; _ga=GA1.1.123.456; theme="dark mode"; consent={"a":true,"b":[1,2]}; empty=
Sec-Fetch-Dest: empty
Sec-Fetch-Mode: cors
Sec-Fetch-Site: same-site
Priority: u=4
Pragma: no-cache
TE: trailers
X-CSRF-Token: kq/3+a==
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
    `),
  },
  {
    name: 'Safari, video',
    methods: ['GET'],
    bodies: [],
    fields: fieldsOf(`
Accept: */*
Range: bytes=0-1
X-Playback-Session-Id: 3F2504E0-4F89-11D3-9A0C-0305E82C3301
Accept-Language: en-GB,en;q=0.9
Accept-Encoding: identity
Connection: Keep-Alive
User-Agent: Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15
If-Range: "67ab43"
Sec-Fetch-Dest: video
Sec-Fetch-Mode: no-cors
Sec-Fetch-Site: same-origin
    `),
  },
  {
    name: 'Chrome, events',
    methods: ['GET'],
    bodies: [],
    fields: fieldsOf(`
Accept: text/event-stream
Cache-Control: no-cache
Last-Event-ID: 42
User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36
    `),
  },
  {
    name: 'curl',
    methods: ALL,
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
User-Agent: curl/8.14.1
Accept: */*
Content-Type: application/x-www-form-urlencoded
    `),
  },
  {
    name: 'curl, a large upload',
    methods: ['PUT'],
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
User-Agent: curl/8.14.1
Accept: */*
Expect: 100-continue
    `),
  },
  {
    name: 'Wget',
    methods: ['GET'],
    bodies: [],
    fields: fieldsOf(`
User-Agent: Wget/1.25.0
Accept: */*
Accept-Encoding: identity
Connection: Keep-Alive
    `),
  },
  {
    name: 'fetch of Node',
    methods: ALL,
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
connection: keep-alive
content-type: text/plain;charset=UTF-8
accept: */*
accept-language: *
sec-fetch-mode: cors
user-agent: node
accept-encoding: gzip, deflate
    `),
  },
  {
    name: 'axios',
    methods: ALL,
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
Accept: application/json, text/plain, */*
Content-Type: application/json
User-Agent: axios/1.12.2
Accept-Encoding: gzip, compress, deflate, br
Connection: keep-alive
    `),
  },
  {
    name: 'net/http of Go',
    methods: ALL,
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
User-Agent: Go-http-client/1.1
Accept-Encoding: gzip
    `),
  },
  {
    name: 'requests of Python',
    methods: [...ALL, 'OPTIONS'],
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
User-Agent: python-requests/2.32.5
Accept-Encoding: gzip, deflate
Accept: */*
Connection: keep-alive
    `),
  },
  {
    name: 'httpx',
    methods: ALL,
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
Accept: */*
Accept-Encoding: gzip, deflate, br
Connection: keep-alive
User-Agent: python-httpx/0.28.1
    `),
  },
  {
    name: 'HttpClient of Java',
    methods: ALL,
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
Connection: Upgrade, HTTP2-Settings
HTTP2-Settings: AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA
Upgrade: h2c
User-Agent: Java-http-client/21.0.8
    `),
  },
  {
    name: 'Net::HTTP of Ruby',
    methods: ALL,
    bodies: ['sized'],
    fields: fieldsOf(`
Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3
Accept: */*
User-Agent: Ruby
    `),
  },
  {
    name: 'HttpClient of .NET',
    methods: ALL,
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
Accept: application/json
Content-Type: application/json; charset=utf-8
Request-Id: |7d1c.1.
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00
    `),
  },
  {
    name: 'SDK of AWS, an upload in signed chunks',
    methods: ['PUT'],
    bodies: ['sized', 'chunked'],
    fields: fieldsOf(`
x-amz-decoded-content-length: 66560
Content-Encoding: aws-chunked
x-amz-trailer: x-amz-checksum-crc32
x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER
X-Amz-Date: 20261201T100000Z
Expect: 100-continue
amz-sdk-invocation-id: a3f0c9e1
amz-sdk-request: attempt=1; max=3
User-Agent: aws-sdk-js/3.900.0 ua/2.1 os/linux
Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20261201/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=fe5f80
    `),
  },
  {
    name: 'gRPC-Web',
    methods: ['POST'],
    bodies: ['sized'],
    fields: fieldsOf(`
Content-Type: application/grpc-web+proto
X-Grpc-Web: 1
X-User-Agent: grpc-web-javascript/0.1
grpc-timeout: 5S
Accept: application/grpc-web-text
User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36
    `),
  },
  {
    name: 'a webhook',
    methods: ['POST'],
    bodies: ['sized'],
    fields: fieldsOf(`
User-Agent: GitHub-Hookshot/ede37db
Content-Type: application/json
X-Hub-Signature-256: sha256=d57c68
X-GitHub-Event: push
Accept: */*
    `),
  },
  {
    name: 'a health check',
    methods: READS,
    bodies: [],
    fields: fieldsOf(`
User-Agent: kube-probe/1.34
Accept: */*
Connection: close
    `),
  },
]

/** Targets as such programs ask for them. */
export const CLIENT_TARGETS: readonly string[] = [
  '/',
  '/index.html',
  '/api/v1/items/42',
  '/assets/app.3f2a9c.js',
  '/search?q=a+b&lang=de&page=2',
  '/caf%C3%A9/men%C3%BC%20du%20jour.pdf',
  "/odata/Items(1)/Name?$filter=Name%20eq%20'x'&$top=5",
  '/@scope/package/-/package-1.0.0.tgz',
  '/a/b/c/',
  '/.well-known/acme-challenge/token_-1',
  '/users/jane.doe+tag@example.com',
  '/matrix;v=1/x,y:z',
  '/callback?state=%2Fa%2Fb%3Fc%3Dd&code=4/0Ab_5q&redirect=https%3A%2F%2Fapp.example%2F%23x',
  '/graphql?query=%7Bme%7Bid%7D%7D&variables={"a":[1,2]}',
  `/pixel?d=${'abcdefghij'.repeat(400)}`,
  '/php?list[]=1&list[]=2&map[key]=v',
]

/** Of lines, one field each. */
function fieldsOf(lines: string): string[] {
  const pairs = lines.trim().split('\n')
  return pairs.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(': ') + 2)])
}
