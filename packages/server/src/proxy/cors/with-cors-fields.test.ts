import { expect, it } from 'vitest'
import { withCorsFields } from './with-cors-fields.ts'

const GRANT = ['access-control-allow-origin', 'https://app.example', 'vary', 'origin']
const OF_UPSTREAM = [
  ...['access-control-allow-origin', '*', 'access-control-allow-credentials', 'true'],
  ...['access-control-allow-private-network', 'true', 'etag', '"1"'],
]

it('the fields of the upstream go, whether or not others come', () => {
  expect(withCorsFields(OF_UPSTREAM, GRANT)).toEqual(['etag', '"1"', ...GRANT])
  expect(withCorsFields(OF_UPSTREAM, ['vary', 'origin'])).toEqual(['etag', '"1"', 'vary', 'origin'])
  expect(withCorsFields(OF_UPSTREAM, [])).toEqual(['etag', '"1"'])
})

it.each([
  ['accept-encoding', 'accept-encoding, origin'],
  ['Accept-Encoding,Origin', 'Accept-Encoding,Origin'],
  ['*', '*'],
  ['x-origin', 'x-origin, origin'],
])('Vary: %s becomes %s', (vary, merged) => {
  expect(withCorsFields(['vary', vary], GRANT)).toEqual(['vary', merged, ...GRANT.slice(0, 2)])
})

it('only one line of Vary gets the origin', () => {
  const fields = withCorsFields(['vary', 'accept', 'vary', 'cookie'], GRANT)
  expect(fields).toEqual(['vary', 'accept, origin', 'vary', 'cookie', ...GRANT.slice(0, 2)])
})

it('Vary stays as it is where nothing is added to it', () => {
  expect(withCorsFields(['vary', 'accept'], ['access-control-allow-origin', '*'])).toEqual([
    ...['vary', 'accept', 'access-control-allow-origin', '*'],
  ])
})
