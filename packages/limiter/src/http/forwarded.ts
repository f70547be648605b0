import { type Address, parseAddress } from '../core/address.ts'
import type { ChainStyle } from './client-address.ts'

/** `name=value` or `name="value"` with what follows up to the next pair; blanks are allowed where proxies write them. */
const PAIR = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:([^\s",;=\\]+)|"((?:[^"\\]|\\.)*)")[ \t]*(?:;|$)/y

/** `Forwarded: for=198.51.100.1;proto=https, for="[2001:db8::1]:4711"` (RFC 7239). */
export const forwardedStyle: ChainStyle = { startOfItem: startOfElement, addressOf }

/** From the right, so that a quote that a client has left open does not reach into what proxies wrote after it. */
function startOfElement(list: string, end: number): number {
  for (let i = end - 1; i >= 0; i--) {
    if (list[i] === ',') return i + 1
    if (list[i] === '"') i = openingQuote(list, i)
  }
  return 0
}

/** The quote that begins what another one ends: those inside have a backslash before them. */
function openingQuote(list: string, closing: number): number {
  let i = closing
  do i = i === 0 ? -1 : list.lastIndexOf('"', i - 1)
  while (i > 0 && list[i - 1] === '\\')
  return i
}

/** The address of the one `for` of an element; those it hides (`_hidden`, `unknown`), and elements in another form, have none. */
function addressOf(element: string): Address | null {
  let node: string | null = null
  const text = element.trim()
  for (PAIR.lastIndex = 0; PAIR.lastIndex < text.length; ) {
    const [, name = '', plain, quoted = ''] = PAIR.exec(text) ?? []
    if (name === '') return null
    if (name.toLowerCase() !== 'for') continue
    if (node !== null) return null
    node = plain ?? quoted.replaceAll(/\\(.)/g, '$1')
  }
  return node === null ? null : nodeAddress(node)
}

/** IPv6 has brackets, or a port could not be told from its last group (RFC 7239, section 6). */
function nodeAddress(node: string): Address | null {
  const isBare = !node.startsWith('[') && node.indexOf(':') !== node.lastIndexOf(':')
  return isBare ? null : parseAddress(node)
}
