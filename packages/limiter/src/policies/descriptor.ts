import { type Attributes, attributeText, DESCRIPTOR, type DescriptorEntry, entriesOf } from '../core/key.ts'

/** The descriptor of a request, with its entries as attributes. */
export class Descriptor {
  readonly #entries: readonly DescriptorEntry[]
  /** Keys of the entries in order, unambiguously; undefined where there is no descriptor. */
  readonly shape: string | undefined

  constructor(attributes: Attributes) {
    this.#entries = entriesOf(attributes)
    this.shape = this.#entries.length === 0 ? undefined : shapeOf(this.#entries.map(({ key }) => key))
  }

  /**
   * By name: `descriptor` is all of it, `descriptor.tenant` the value of the first entry with this key, and
   * {@link entryName} of a place the value there. Undefined where it is absent or empty.
   */
  text(name: string): string | undefined {
    if (name === DESCRIPTOR)
      return this.shape && JSON.stringify(this.#entries.map((e) => [e.key, String(e.value)]))
    const entry = this.#entries.find(({ key }, i) => name === `${DESCRIPTOR}.${key}` || name === entryName(i))
    return entry === undefined ? undefined : attributeText({ [name]: entry.value }, name)
  }
}

/** Whether a name is that of the descriptor or of an entry. */
export function isOfDescriptor(name: string): boolean {
  if (!name.startsWith(DESCRIPTOR)) return false
  return (
    name.length === DESCRIPTOR.length ||
    name.startsWith('.', DESCRIPTOR.length) ||
    name.startsWith('\0', DESCRIPTOR.length)
  )
}

/** Keys in order as one text. */
export function shapeOf(keys: readonly string[]): string {
  return JSON.stringify(keys)
}

/** The name of the entry at a place, from 0: no attribute has it, since the NUL keeps them apart. */
export function entryName(place: number): string {
  return `${DESCRIPTOR}\0${place}`
}
