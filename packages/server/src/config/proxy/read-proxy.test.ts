import { describe, expect, it } from 'vitest'
import { parseConfig } from '../config.ts'

const read = (proxy: string, more = 'policies: []', face: 'proxy' | 'service' = 'proxy') =>
  parseConfig(`${more}\nproxy: ${proxy}\n`, 'headgate.yaml', { face })

const mistake = (...given: Parameters<typeof read>): string => {
  try {
    read(...given)
    return 'nothing is wrong'
  } catch (reason) {
    return (reason as Error).message
  }
}

describe('the proxy of a file', () => {
  it('needs a place to send requests, and has a default for all else', () => {
    const { proxy } = read('{ upstream: "http://127.0.0.1:3000" }')
    expect(proxy).toMatchObject({
      hosts: null,
      cors: null,
      http2: false,
      accessLog: true,
      outcomes: [],
      routes: [
        {
          path: '/',
          require: [],
          scopes: [],
          methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
          bodyBytesMax: 1_048_576,
          webSocket: false,
          hardening: { preset: 'compat' },
        },
      ],
    })
  })

  it('gives routes what they do not say themselves', () => {
    const { proxy } = read(`
  upstream: http://127.0.0.1:3000
  maxBody: 2MiB
  methods: [GET, POST]
  routes:
    - { path: /files/, maxBody: 1GiB, hardening: off }
    - { path: /chat, webSocket: true, upstream: "http://127.0.0.1:4000", methods: [GET] }`)
    expect(
      proxy?.routes.map(({ path, bodyBytesMax, webSocket, methods }) => [
        path,
        bodyBytesMax,
        webSocket,
        methods,
      ]),
    ).toEqual([
      ['/files', 1024 ** 3, false, ['GET', 'POST']],
      ['/chat', 2 * 1024 ** 2, true, ['GET']],
      ['/', 2 * 1024 ** 2, false, ['GET', 'POST']],
    ])
    expect(proxy?.routes[0]?.hardening).toBeNull()
    expect(proxy?.routes[1]?.upstream.targets).toEqual(['http://127.0.0.1:4000'])
  })

  it('has no route of its own where the file has one for everything', () => {
    const { proxy } = read('{ routes: [{ path: /, upstream: "http://127.0.0.1:3000" }] }')
    expect(proxy?.routes.map(({ path }) => path)).toEqual(['/'])
  })

  it('may let some routes in without what all others require', () => {
    const users =
      'basic: { users: { a: "$scrypt$ln=14,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" } }'
    const { proxy } = read(
      `{ upstream: "http://a:1", ${users}, require: basic, routes: [{ path: /open, require: none }] }`,
    )
    expect(proxy?.routes.map(({ require }) => require)).toEqual([[], ['basic']])
  })

  it.each([
    ['{}', /proxy\.upstream: is missing; say where requests go/],
    [
      '{ upstream: "http://a:1", routes: [{ path: api }] }',
      /routes\[0\]\.path: is not the beginning of a path/,
    ],
    [
      '{ upstream: "http://a:1", routes: [{ path: /a }, { path: //a/ }] }',
      /routes\[1\]\.path: "\/\/a\/" is there twice/,
    ],
    [
      '{ upstream: "http://a:1", routes: [{ path: /a }, { path: /A }] }',
      /routes\[1\]\.path: "\/A" is there twice/,
    ],
    [
      '{ upstream: "http://a:1", routes: [{ path: /a%2fb }] }',
      /routes\[0\]\.path: .* is read in several ways/,
    ],
    ['{ upstream: "http://a:1", require: apiKey }', /proxy\.require: .*apiKeys/],
    ['{ upstream: "http://a:1", require: [] }', /proxy\.require: /],
    ['{ upstream: "http://a:1", routes: [{ path: /a, require: jwt }] }', /routes\[0\]\.require: .*jwt/],
    ['{ upstream: "http://a:1", require: none, scopes: [read] }', /proxy\.scopes: nobody authenticates here/],
    [
      '{ upstream: "http://a:1", routes: [{ path: /a, scopes: [admin] }] }',
      /routes\[0\]\.scopes: nobody authenticates here/,
    ],
    ['{ upstream: "http://a:1", methods: [get] }', /methods\[0\]: is not a method/],
    ['{ upstream: "http://a:1", maxBody: 10 MB }', /maxBody: "10 MB" is not a size/],
    ['{ upstream: "http://a:1", maxbody: 1 }', /maxBody/],
  ])('refuses %s', (given, message) => {
    expect(mistake(given)).toMatch(message)
  })

  it('is missed by headgate proxy, and told to have no effect by headgate serve', () => {
    expect(() => parseConfig('policies: []', 'a.yaml', { face: 'proxy' })).toThrow(
      /proxy: is missing; say where/,
    )
    const config = read('{ upstream: "http://a:1" }', 'policies: []', 'service')
    expect(config.proxy).toBeUndefined()
    expect(config.notInForce).toEqual([
      { path: 'proxy', message: 'proxy is for headgate proxy; headgate serve forwards nothing' },
    ])
  })

  it('takes another upstream from the command line', () => {
    const replacements = { upstream: 'http://127.0.0.1:5000' }
    const { proxy } = parseConfig('policies: []', 'a.yaml', { face: 'proxy', replacements })
    expect(proxy?.routes[0]?.upstream.targets).toEqual(['http://127.0.0.1:5000'])
  })
})

describe('what a policy asks of responses', () => {
  const policy = (more: string) => `policies: [{ name: p, key: ip, rules: [1/s], ${more} }]`

  it('is kept for the proxy, and the library does not hear of it', () => {
    const config = read(
      '{ upstream: "http://a:1" }',
      policy('count: { status: [401, 5xx] }, cost: response.header.X-Tokens'),
    )
    expect(config.policies).toEqual([{ name: 'p', key: 'ip', rules: ['1/s'] }])
    expect(config.proxy?.outcomes).toEqual([
      {
        policy: 'p',
        statuses: [
          [401, 401],
          [500, 599],
        ],
        costField: 'x-tokens',
      },
    ])
  })

  it.each([
    ['count: { status: [600] }', /count\.status\[0\]: 600 is no status; write it as 401 or 4xx/],
    ['count: { status: [4x] }', /count\.status\[0\]: "4x" is no status/],
    ['count: { status: [401] }, ban: [1m]', /ban: goes with no count/],
    ['count: {}', /count\.status/],
    ['cost: response.body.usage', /cost: names a field of the response as response\.header\.x-tokens/],
  ])('refuses %s', (more, message) => {
    expect(mistake('{ upstream: "http://a:1" }', policy(more))).toMatch(message)
  })

  it('is refused by a service, which sees no responses', () => {
    const message = mistake('{ upstream: "http://a:1" }', policy('count: { status: [401] }'), 'service')
    expect(message).toMatch(/policies\[0\]\.count: takes the response, which only headgate proxy sees/)
  })
})
