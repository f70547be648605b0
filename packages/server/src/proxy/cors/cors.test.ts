import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CorsSettings } from '../../service/proxy-settings/cors-settings.ts'
import type { CanonicalRequest } from '../request/canonical-request.ts'
import { compileCors } from './cors.ts'

const SETTINGS: CorsSettings = {
  origins: ['https://app.example', 'http://localhost:5173'],
  methods: ['GET', 'PUT'],
  headers: ['authorization'],
  expose: ['ratelimit', 'retry-after'],
  credentials: true,
  maxAgeSeconds: 600,
}
const PREFLIGHT_VARY = 'origin, access-control-request-method, access-control-request-headers'
const cors = compileCors(SETTINGS)
const anybody = compileCors({ ...SETTINGS, origins: '*', credentials: false })

type Asked = Pick<CanonicalRequest, 'method' | 'fields'>

function request(fields: Readonly<Record<string, string>>, method = 'OPTIONS'): Asked {
  return { method, fields: Object.entries(fields).flat() }
}

function preflight(origin: string, method = 'PUT', headers?: string): Asked {
  return request({
    origin,
    'access-control-request-method': method,
    ...(headers !== undefined && { 'access-control-request-headers': headers }),
  })
}

/** Spellings that are no allowed origin, however alike. */
const LOOKALIKES = [
  ...['null', '', 'https://app.example.evil.example', 'https://evil-app.example', 'https://sub.app.example'],
  ...['https://app.example:443', 'https://app.example:8443', 'http://app.example', 'HTTPS://app.example'],
  ...['https://App.example', 'https://app.example/', 'https://app.example ', ' https://app.example', '*'],
  ...['https://app.example, https://app.example', 'http://localhost', 'https://app.example%00', '__proto__'],
]

describe('I-51 a preflight', () => {
  it('of an allowed origin is told what is allowed', () => {
    expect(cors.preflight(preflight('https://app.example', 'PUT', 'Authorization, content-type'))).toEqual({
      outcome: 'preflight',
      status: 204,
      fields: [
        ...['access-control-allow-origin', 'https://app.example', 'access-control-allow-credentials', 'true'],
        ...['access-control-allow-methods', 'GET, PUT', 'access-control-allow-headers', 'authorization'],
        ...['access-control-max-age', '600', 'vary', PREFLIGHT_VARY],
      ],
      body: '',
    })
  })

  it.each<[string, Asked]>([
    ...LOOKALIKES.map((origin): [string, Asked] => [JSON.stringify(origin), preflight(origin)]),
    ['another method', preflight('https://app.example', 'DELETE')],
    ['a method in another case', preflight('https://app.example', 'put')],
    ['another field', preflight('https://app.example', 'PUT', 'authorization, x-other')],
  ])('is answered without a grant for %s', (_, asked) => {
    const fields = ['vary', PREFLIGHT_VARY]
    expect(cors.preflight(asked)).toEqual({ outcome: 'preflight', status: 204, fields, body: '' })
  })

  it('is answered with a star where all origins are allowed', () => {
    expect(anybody.preflight(preflight('null'))?.fields.slice(0, 4)).toEqual([
      ...['access-control-allow-origin', '*', 'access-control-allow-methods', 'GET, PUT'],
    ])
  })

  it.each([
    ['GET', request({ origin: 'https://app.example', 'access-control-request-method': 'PUT' }, 'GET')],
    ['OPTIONS without a method', request({ origin: 'https://app.example' })],
    ['OPTIONS without an origin', request({ 'access-control-request-method': 'PUT' })],
  ])('is not seen in %s', (_, asked) => {
    expect(cors.preflight(asked)).toBeNull()
  })
})

describe('I-51 the fields of a response', () => {
  it('let pages of an allowed origin read it', () => {
    expect(cors.fieldsFor(request({ origin: 'http://localhost:5173' }, 'GET'))).toEqual([
      ...['access-control-allow-origin', 'http://localhost:5173', 'access-control-allow-credentials', 'true'],
      ...['access-control-expose-headers', 'ratelimit, retry-after', 'vary', 'origin'],
    ])
  })

  it.each(LOOKALIKES)('let no page of %j', (origin) => {
    expect(cors.fieldsFor(request({ origin }, 'GET'))).toEqual(['vary', 'origin'])
  })

  it('differ by origin for caches too, where a request has none', () => {
    expect(cors.fieldsFor(request({}, 'GET'))).toEqual(['vary', 'origin'])
  })

  it('are the same for all where all origins are allowed', () => {
    const fields = [
      ...['access-control-allow-origin', '*'],
      'access-control-expose-headers',
      'ratelimit, retry-after',
    ]
    for (const asked of [request({}, 'GET'), request({ origin: 'null' }, 'GET')]) {
      expect(anybody.fieldsFor(asked)).toEqual(fields)
    }
  })

  it('never name an origin that is not listed, nor one that differs from the request', () => {
    const spelling = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc
        .tuple(fc.constantFrom(...(SETTINGS.origins as string[])), fc.string({ maxLength: 3 }))
        .map((two) => two.join('')),
    )
    fc.assert(
      fc.property(spelling, (origin) => {
        const [name, value] = cors.fieldsFor(request({ origin }, 'GET'))
        return SETTINGS.origins.includes(origin)
          ? name === 'access-control-allow-origin' && value === origin
          : name === 'vary'
      }),
    )
  })
})
