import { BlockList, isIP } from 'node:net'
import type { Attributes } from 'headgate'

/** Attribute → exact values; for `ip`, addresses and networks. */
export type AccessList = { readonly [attribute: string]: readonly (string | number)[] }

/** What the lists say of a request: `deny` wins over `allow`; null when neither names it. */
export type Listed = 'allow' | 'deny' | null

/** Compiles both lists to one question. */
export function accessLists(allow: AccessList, deny: AccessList): (attributes: Attributes) => Listed {
  const [allows, denies] = [compile(allow), compile(deny)]
  return (attributes) => (denies(attributes) ? 'deny' : allows(attributes) ? 'allow' : null)
}

function compile(list: AccessList): (attributes: Attributes) => boolean {
  const tests = Object.entries(list).map(([name, values]): [string, (text: string) => boolean] => {
    const texts = values.map(String)
    if (name === 'ip') return [name, networks(texts)]
    const exact = new Set(texts)
    return [name, (text) => exact.has(text)]
  })
  return (attributes) =>
    tests.some(([name, test]) => {
      const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
      return value !== undefined && test(String(value))
    })
}

/** An IPv6 address that maps an IPv4 one is that one; `BlockList` compares bits. */
function networks(texts: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', bits] = text.split('/')
    const family = familyOf(address)
    if (family === null) continue
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (text) => {
    const [address = ''] = text.split('%')
    const family = familyOf(address)
    return family !== null && list.check(address, family)
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const family = isIP(address)
  return family === 0 ? null : family === 4 ? 'ipv4' : 'ipv6'
}
