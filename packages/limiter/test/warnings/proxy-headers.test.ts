import { afterEach, describe, expect, it, vi } from 'vitest'
import { freshLibrary } from './fresh-library.ts'

const CODE = 'HEADGATE_UNTRUSTED_PROXY'

afterEach(() => {
  vi.restoreAllMocks()
})

/** The check of a process that has just begun, and the codes it has warned with. */
async function freshCheck(...trustedProxies: string[]) {
  const { codes } = await freshLibrary()
  const { proxyHeaderCheck } = await import('../../src/http/proxy-header-warning.ts')
  return { codes, check: proxyHeaderCheck(trustedProxies) }
}

function requestOf(peer: string | undefined, fields: Record<string, string>) {
  return { peer, header: (name: string) => fields[name] }
}

const forwarded = { 'x-forwarded-for': '198.51.100.1' }

describe('a proxy that nobody trusts', () => {
  it.each([
    ['in a private network', '10.0.0.7', forwarded],
    ['on this machine', '::1', forwarded],
    ['on this machine, IPv4 by IPv6', '::ffff:127.0.0.1', forwarded],
    ['with a public address', '203.0.113.7', forwarded],
    ['that sends Forwarded', '10.0.0.7', { forwarded: 'for=198.51.100.1' }],
  ])('is warned of once, where none is trusted: %s', async (_, peer, fields) => {
    const { check, codes } = await freshCheck()
    for (let i = 0; i < 3; i++) check(requestOf(peer, fields))
    expect(codes).toEqual([CODE])
  })

  it('is warned of where others are trusted, if its address is one that no client has', async () => {
    const { check, codes } = await freshCheck('10.0.0.0/8')
    check(requestOf('203.0.113.7', forwarded))
    expect(codes).toEqual([])
    check(requestOf('192.168.0.1', forwarded))
    expect(codes).toEqual([CODE])
  })

  it.each([
    ['without the fields', '10.0.0.7', {}],
    ['of a peer without an address', undefined, forwarded],
    ['of a peer that is trusted', '10.1.0.7', forwarded],
  ])('is not found in a request %s', async (_, peer, fields) => {
    const { check, codes } = await freshCheck('unix', '10.1.0.0/16')
    check(requestOf(peer, fields))
    expect(codes).toEqual([])
  })

  it('is looked for in the first hundred requests, and then in one of a thousand', async () => {
    const { check } = await freshCheck()
    const header = vi.fn(() => undefined)
    for (let i = 0; i < 10_000; i++) check({ peer: '10.0.0.7', header })
    expect(header.mock.calls.length).toBe(2 * (100 + 9))
  })
})
