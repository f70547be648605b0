import { expect, it } from 'vitest'
import { hostName } from './host-name.ts'

it.each([
  ['api.example.com', 'api.example.com'],
  ['API.example.COM:443', 'api.example.com'],
  ['api.example.com.', 'api.example.com'],
  ['api.example.com.:80', 'api.example.com'],
  ['localhost', 'localhost'],
  ['192.0.2.1:3000', '192.0.2.1'],
  ['[2001:DB8::1]:443', '[2001:db8::1]'],
  ['', undefined],
  ['x/y', undefined],
  ['x@y', undefined],
  ['a b', undefined],
  ['.', undefined],
  ['a,b', undefined],
  ['example.com:port', undefined],
])('the host of %j is %j', (field, name) => {
  expect(hostName(field)).toBe(name)
})
