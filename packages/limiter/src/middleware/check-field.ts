import { wrong } from '../core/errors.ts'
import { isFieldLine, isFieldName, isFramingField } from '../core/header-field.ts'

/** Checks a header field that an application sets, often by what a client has sent; a mistake is an `invalid-options` error. */
export function checkField(name: string, value: unknown, path: string): void {
  const lower = String(name).toLowerCase()
  if (!isFieldName(lower) || isFramingField(lower)) {
    throw wrong(name, 'is not the name of a header field that can be set', path)
  }
  if (typeof value === 'string' && isFieldLine(value)) return
  throw wrong(value, 'is not the value of a header field; use a text of one line', `${path}.${name}`)
}
