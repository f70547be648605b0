import {
  type Address,
  formatAddress,
  groupAddress,
  IPV6_PREFIX,
  isCanonicalIpv4,
  parseAddress,
} from '../core/address.ts'
import { wrongKey } from '../core/errors.ts'
import { type Attributes, attributeText } from '../core/key.ts'
import { normalizePath } from '../core/path.ts'
import { Descriptor, isOfDescriptor } from './descriptor.ts'
import { segmentsOf } from './path-pattern.ts'

/** The attributes of one request; its path and address are read once, for all policies. */
export class RequestAttributes {
  readonly attributes: Attributes
  #path: string | undefined
  #segments: string[] | undefined
  #address: Address | null | undefined
  #descriptor: Descriptor | undefined

  /** Whose budgets they are, where policies are loaded by key: a part of every key. */
  readonly scope: string | undefined

  constructor(attributes: Attributes, scope?: string) {
    this.attributes = attributes
    this.scope = scope
  }

  /** Segments of the normalised path; none when there is no path. */
  get segments(): readonly string[] {
    this.#segments ??= segmentsOf(this.#normalPath ?? '/')
    return this.#segments
  }

  /** The `ip`; null when it is absent. One that is no address is an error: nobody gets past a list by a spelling. */
  get address(): Address | null {
    this.#address ??= addressOf(attributeText(this.attributes, 'ip'))
    return this.#address
  }

  /** The `descriptor`; one that is no list of entries is an error. */
  get descriptor(): Descriptor {
    this.#descriptor ??= new Descriptor(this.attributes)
    return this.#descriptor
  }

  /** One attribute as text; undefined when it is absent or empty. All spellings of an address, or of a path, are one text. */
  text(name: string): string | undefined {
    if (name === 'path') return this.#normalPath
    if (isOfDescriptor(name)) return this.descriptor.text(name)
    if (name !== 'ip') return attributeText(this.attributes, name)
    const { address } = this
    return address === null ? undefined : formatAddress(address)
  }

  /** As {@link text}, for a key: an `ip` of IPv6 by its leading bits, so that all addresses of one network have one budget. */
  keyText(name: string, ipv6Prefix: number = IPV6_PREFIX): string | undefined {
    if (name !== 'ip') return this.text(name)
    const text = attributeText(this.attributes, 'ip')
    if (text !== undefined && isCanonicalIpv4(text)) return text
    const { address } = this
    return address === null ? undefined : formatAddress(groupAddress(address, ipv6Prefix))
  }

  get #normalPath(): string | undefined {
    const path = attributeText(this.attributes, 'path')
    if (path !== undefined) this.#path ??= normalizePath(path)
    return this.#path
  }
}

function addressOf(text: string | undefined): Address | null {
  if (text === undefined) return null
  const address = parseAddress(text)
  if (address !== null) return address
  throw wrongKey(text, 'is not an address; pass an ip such as 192.0.2.1 or 2001:db8::1')
}
