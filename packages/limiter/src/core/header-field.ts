/** Most header fields of one map, and the longest value in characters. */
export const FIELDS_MAX = 16
export const FIELD_VALUE_MAX = 1024

// RFC 9110, sections 5.6.2 and 5.5; beyond ASCII, receivers disagree about what bytes mean.
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/
const VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/
const LINE = /^[\t\x20-\x7e\x80-\xff]*$/
/** What frames a message (RFC 9110, section 7.6.1). */
const FRAMING =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|content-(length|encoding))$/

/** Whether a text is the name of a header field in lower case, up to 64 characters long. */
export function isFieldName(name: string): boolean {
  return NAME.test(name)
}

/** Whether a field of this name, in lower case, frames its message, so that only a server may set it. */
export function isFramingField(name: string): boolean {
  return FRAMING.test(name)
}

/** Whether a text can be sent as the value of a field at all: one line, whatever its characters beyond ASCII mean. */
export function isFieldLine(value: string): boolean {
  return LINE.test(value)
}

/** Whether a text can be the value of a field: one line of printable ASCII, neither empty nor too long. */
export function isFieldValue(value: string): boolean {
  return value.length <= FIELD_VALUE_MAX && VALUE.test(value)
}
