import { afterEach, describe, expect, it, vi } from 'vitest'
import { freshLibrary } from './fresh-library.ts'

const CODE = 'HEADGATE_UNGROUPED_IPV6'

afterEach(() => {
  vi.restoreAllMocks()
})

async function fresh() {
  const { codes, compileAddressKey } = await freshLibrary()
  return { codes, compileAddressKey, ...(await import('../../src/http/ungrouped-ipv6-warning.ts')) }
}

describe('whole addresses of IPv6', () => {
  it('are warned of once where a key function returns them', async () => {
    const { codes, keyAddressCheck } = await fresh()
    const check = keyAddressCheck()
    for (const key of ['2001:db8::1', '2001:db8::2']) check(key)
    expect(codes).toEqual([CODE])
  })

  it.each([
    'alice',
    '',
    'a:b',
    '7',
    7,
    null,
    '198.51.100.1',
    '::ffff:198.51.100.1',
    '64:ff9b::c633:6401',
    '2001:db8:1:200::',
    '2001:db8:1:200:0:0:0:0',
    '2001:db8::1 /login',
  ])('are not seen in the key %o', async (key) => {
    const { codes, keyAddressCheck } = await fresh()
    keyAddressCheck()(key)
    expect(codes).toEqual([])
  })

  it('are not seen in what compileAddressKey returns', async () => {
    const { codes, compileAddressKey, keyAddressCheck } = await fresh()
    keyAddressCheck()(compileAddressKey()('2001:db8:1:2ff::1'))
    expect(codes).toEqual([])
  })

  it('are warned of where they are asked for', async () => {
    const { codes, compileAddressKey } = await fresh()
    for (const prefix of [undefined, 56, 64]) compileAddressKey(prefix)
    expect(codes).toEqual([])
    for (let i = 0; i < 2; i++) compileAddressKey(128)
    expect(codes).toEqual([CODE])
  })
})
