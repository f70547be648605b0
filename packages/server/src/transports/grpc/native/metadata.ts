import type { HeaderField } from '../../../http2/hpack/hpack-field.ts'

const NONE: readonly string[] = []

/**
 * All values of a field, in their order. Of a name that ends in `-bin` they are octets in base64, padded or not, of which a field
 * may hold several.
 */
export function valuesOf(fields: readonly HeaderField[], name: string): readonly string[] {
  let values: string[] | null = null
  for (const field of fields) {
    if (field.name !== name) continue
    values ??= []
    if (name.endsWith('-bin')) values.push(...field.value.split(',').map(decoded))
    else values.push(field.value)
  }
  return values ?? NONE
}

function decoded(value: string): string {
  return Buffer.from(value.trim(), 'base64').toString()
}
