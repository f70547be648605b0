/** Replies as texts of the protocol; in version 3 there are maps, nulls and booleans of their own. */

/** Which version of the protocol a connection speaks. */
export type Protocol = 2 | 3

/** What a reply can hold. A field that is absent is left out. */
export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [field: string]: Value | undefined }

/** A state, such as `OK`: one line. */
export function simpleReply(text: string): string {
  return `+${text}\r\n`
}

/** An error: a word by which programs tell it from others, and a sentence. */
export function errorReply(word: string, detail: string): string {
  return `-${word} ${oneLine(detail)}\r\n`
}

export function integerReply(value: number): string {
  return `:${value}\r\n`
}

/** Any value; a map is a list of names and values in version 2, and true is 1. */
export function reply(value: Value, protocol: Protocol): string {
  if (value === null) return protocol === 3 ? '_\r\n' : '$-1\r\n'
  switch (typeof value) {
    case 'string':
      return `$${Buffer.byteLength(value)}\r\n${value}\r\n`
    case 'number':
      return integerReply(value)
    case 'boolean':
      return protocol === 3 ? `#${value ? 't' : 'f'}\r\n` : integerReply(Number(value))
    default:
      return Array.isArray(value)
        ? listReply(value, protocol)
        : mapReply(value as Exclude<typeof value, readonly Value[]>, protocol)
  }
}

function listReply(values: readonly Value[], protocol: Protocol): string {
  return `*${values.length}\r\n${values.map((one) => reply(one, protocol)).join('')}`
}

function mapReply(map: { readonly [field: string]: Value | undefined }, protocol: Protocol): string {
  const entries = Object.entries(map).filter((entry): entry is [string, Value] => entry[1] !== undefined)
  const head = protocol === 3 ? `%${entries.length}` : `*${entries.length * 2}`
  return `${head}\r\n${entries.map(([name, value]) => reply(name, protocol) + reply(value, protocol)).join('')}`
}

/** What would end the line would begin another reply. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}
