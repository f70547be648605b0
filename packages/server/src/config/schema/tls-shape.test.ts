import { expect, it } from 'vitest'
import { parseConfig } from '../config.ts'

const withCertificates = (certificates: string): (() => unknown) => {
  const tls = `{ certFile: a.crt, keyFile: a.key, certificates: ${certificates} }`
  return () => parseConfig(`policies: []\ntls: ${tls}\n`, '/etc/headgate/headgate.yaml').tls
}

it('names the files of certificates of other hosts beside the configuration', () => {
  const given = "[{ hosts: [b.example, '*.c.example'], certFile: b/tls.crt, keyFile: b/tls.key }]"
  expect(withCertificates(given)()).toMatchObject({
    certFile: '/etc/headgate/a.crt',
    certificates: [
      {
        hosts: ['b.example', '*.c.example'],
        certFile: '/etc/headgate/b/tls.crt',
        keyFile: '/etc/headgate/b/tls.key',
      },
    ],
  })
})

it.each([
  ['[{ hosts: [], certFile: b, keyFile: b }]', /tls\.certificates\[0\]\.hosts/],
  ['[{ hosts: [b.example], certFile: b }]', /keyFile: is missing/],
  ['[{ hosts: [B.example], certFile: b, keyFile: b }]', /is no name of a host; write it in lower case/],
  ["[{ hosts: ['a.*.example'], certFile: b, keyFile: b }]", /is no name of a host/],
  [
    '[{ hosts: [b.example], certFile: b, keyFile: b }, { hosts: [c.example, b.example], certFile: c, keyFile: c }]',
    /tls\.certificates\[1\]\.hosts\[1\]: "?b\.example"? is there twice/,
  ],
])('refuses certificates %s', (given, message) => {
  expect(withCertificates(given)).toThrow(message)
})
