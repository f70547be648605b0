import { type Attributes, DESCRIPTOR, type DescriptorEntry, entriesOf, textOfValue } from '../core/key.ts'

/** Stands before a place. */
const PLACE = '\0'

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
    return textOfValue(this.#entry(name)?.value, name)
  }

  #entry(name: string): DescriptorEntry | undefined {
    const given = name.slice(DESCRIPTOR.length + 1)
    const isPlace = name.startsWith(PLACE, DESCRIPTOR.length)
    return this.#entries.find(({ key }, i) => (isPlace ? given === String(i) : given === key))
  }
}

/** Whether a name is that of the descriptor or of an entry. */
export function isOfDescriptor(name: string): boolean {
  if (!name.startsWith(DESCRIPTOR)) return false
  return (
    name.length === DESCRIPTOR.length ||
    name.startsWith('.', DESCRIPTOR.length) ||
    name.startsWith(PLACE, DESCRIPTOR.length)
  )
}

/** Keys in order as one text. */
export function shapeOf(keys: readonly string[]): string {
  return JSON.stringify(keys)
}

/** The name of the entry at a place, from 0: no attribute has it, since the NUL keeps them apart. */
export function entryName(place: number): string {
  return `${DESCRIPTOR}${PLACE}${place}`
}
