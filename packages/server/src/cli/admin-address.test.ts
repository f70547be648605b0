import { describe, expect, it } from 'vitest'
import { adminAddress } from './admin-address.ts'

const tokens = [{ name: 'ops', hash: `sha256:${'0'.repeat(64)}`, scopes: ['admin'] }] as const

describe('the address of the admin listener', () => {
  it.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost'])('is %s without tokens', (adminHost) => {
    expect(adminAddress({ adminHost, adminPort: 9090 }, {})).toEqual({ host: adminHost, port: 9090 })
  })

  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com', '10.0.0.1'])(
    'is not %s without tokens',
    (adminHost) => {
      const none = { adminHost, adminPort: 9090 }
      expect(() => adminAddress(none, { tokens: [] })).toThrow('without tokens')
      expect(() => adminAddress(none, {})).toThrow(/without tokens .*give the configuration tokens/)
      expect(adminAddress({ adminHost, adminPort: 9090 }, { tokens })).toEqual({
        host: adminHost,
        port: 9090,
      })
      expect(adminAddress({ adminHost, adminPort: 'off' }, {})).toBeNull()
    },
  )

  it('is a Unix socket without tokens, which the mode of its file protects', () => {
    expect(adminAddress({ adminHost: '0.0.0.0', adminPort: { path: '/run/a.sock' } }, {})).toEqual({
      path: '/run/a.sock',
    })
  })
})
