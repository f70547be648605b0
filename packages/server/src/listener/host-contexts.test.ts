import type { SecureContext } from 'node:tls'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HostContexts } from './host-contexts.ts'

const hosts = [['shop.example', 'www.shop.example'], ['*.shop.example'], ['*.example']]
const contexts = new HostContexts(
  hosts.map((names) => ({ hosts: names, cert: '', key: '' })),
  () => ({}),
)
const [shop, below, example] = ['shop.example', '*.shop.example', '*.example'].map((name) =>
  contexts.of(name),
) as [SecureContext, SecureContext, SecureContext]

it.each([
  ['shop.example', shop],
  ['WWW.Shop.Example', shop],
  ['a.shop.example', below],
  ['other.example', example],
  ['a.b.shop.example', undefined],
  ['example', undefined],
  ['localhost', undefined],
  ['', undefined],
  ['.', undefined],
])('the certificate for %j is by its name, else by that of its domain, else none', (host, context) => {
  expect(contexts.of(host)).toBe(context)
})

it('takes any name that a client sends', () => {
  const known = new Set([shop, below, example, undefined])
  fc.assert(fc.property(fc.string(), (host) => known.has(contexts.of(host))))
})
