import { expect, it } from 'vitest'
import { RouteTable } from './route-table.ts'

const routes = ['/', '/api', '/api/v2/', '/Files'].map((path) => ({ path }))

it.each([
  ['/', '/'],
  ['/x', '/'],
  ['/api', '/api'],
  ['/api/', '/api'],
  ['/api;v=1', '/api'],
  ['/api/x/y', '/api'],
  ['/apix', '/'],
  ['/api/v2', '/api/v2/'],
  ['/api/v2x', '/api'],
  ['/api/v2/x', '/api/v2/'],
  ['/API', '/'],
  ['/files', '/'],
  ['/Files/a', '/Files'],
])('%s is of the route %s', (path, route) => {
  expect(new RouteTable(routes, { ignoreCase: false }).find(path).path).toBe(route)
})

it('takes other spellings of case where case does not matter', () => {
  const table = new RouteTable(routes, { ignoreCase: true })
  expect(table.find('/API/V2/x').path).toBe('/api/v2/')
  expect(table.find('/files').path).toBe('/Files')
})
