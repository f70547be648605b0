import { describe, expect, it } from 'vitest'
import { readCors } from './read-cors.ts'

const APP = 'https://app.example'

describe('cors', () => {
  it('has defaults, with the fields that tell of limits to be read', () => {
    expect(readCors({ origins: [APP] })).toEqual({
      origins: [APP],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      headers: ['authorization'],
      expose: ['ratelimit', 'ratelimit-policy', 'retry-after'],
      credentials: false,
      maxAgeSeconds: 600,
    })
    const legacy = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-ratelimit-policy']
    expect(readCors({ origins: [APP] }, 'legacy')).toMatchObject({ expose: [...legacy, 'retry-after'] })
    expect(readCors({ origins: [APP] }, 'none')).toMatchObject({ expose: ['retry-after'] })
  })

  it('is what the file says', () => {
    const given = { methods: ['GET'], headers: ['X-Api-Key'], expose: ['ETag', 'Retry-After'] }
    expect(readCors({ origins: '*', ...given, maxAge: '2h' }, 'none')).toEqual({
      origins: '*',
      methods: ['GET'],
      headers: ['x-api-key'],
      expose: ['etag', 'retry-after'],
      credentials: false,
      maxAgeSeconds: 7200,
    })
  })

  it.each([
    APP,
    'http://localhost:5173',
    'https://xn--bcher-kva.example',
    'capacitor://localhost',
    'https://[::1]:8443',
  ])('takes the origin %s', (origin) => {
    expect(readCors({ origins: [origin], credentials: true })).toMatchObject({ origins: [origin] })
  })

  it.each([
    [`${APP}/`, `"${APP}/" is no origin as browsers send it; write ${APP}`],
    [`${APP}:443`, `"${APP}:443" is no origin as browsers send it; write ${APP}`],
    ['https://App.example', `"https://App.example" is no origin as browsers send it; write ${APP}`],
    ['HTTPS://app.example', `"HTTPS://app.example" is no origin as browsers send it; write ${APP}`],
    [
      'https://bücher.example',
      '"https://bücher.example" is no origin as browsers send it; write https://xn--bcher-kva.example',
    ],
    ['app.example', '"app.example" is no origin; write it as https://app.example'],
    ['https://', '"https://" is no origin; write it as https://app.example'],
    ['https://*.example', '"https://*.example" has a star; name each origin'],
    ['null', 'is the origin of any page in a sandbox; name the pages'],
    ['*', 'stands alone: origins: "*"'],
  ])('refuses the origin %s', (origin, message) => {
    expect(readCors({ origins: [APP, origin] })).toEqual([{ path: ['proxy', 'cors', 'origins', 1], message }])
  })

  it.each([
    [
      { origins: '*' as const, credentials: true },
      'credentials: takes origins by name: with * every page could act as the user',
    ],
    [{ origins: [APP], methods: ['put'] }, 'methods.0: "put" is no method; methods are in upper case'],
    [{ origins: [APP], headers: ['a b'] }, 'headers.0: "a b" is no name of a field'],
    [{ origins: [APP], expose: ['*', 'a,b'] }, 'expose.1: "a,b" is no name of a field'],
  ])('refuses %j', (shape, mistake) => {
    const [{ path, message }] = readCors(shape) as [{ path: string[]; message: string }]
    expect(`${path.slice(2).join('.')}: ${message}`).toBe(mistake)
  })
})
