/** A `.proto` file as the message that reflection answers with: a `FileDescriptorProto`, by the numbers of `descriptor.proto`. */
import { Writer } from '../packages/server/src/protobuf/writer.ts'
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage, ProtoService } from './parse-proto.ts'

const TYPES: Readonly<Record<string, number>> = {
  double: 1,
  int64: 3,
  uint64: 4,
  int32: 5,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
}
const MESSAGE = 11
const ENUM = 14
const LABEL = { one: 1, optional: 1, many: 3, map: 3 } as const

/** Finds the message or enum that a name means within a scope. */
export type FindType = (
  type: string,
  scope: readonly string[],
) => { readonly full: string; readonly kind: 'message' | 'enum' }

/** The bytes of a file that lies at this path. */
export function describeFile(path: string, file: ProtoFile, find: FindType): Buffer {
  const scope = file.package.split('.')
  const out = new Writer()
  text(out, 1, path)
  text(out, 2, file.package)
  for (const one of file.imports) text(out, 3, one)
  for (const one of file.messages) part(out, 4, (inner) => message(inner, one, { scope, find }))
  for (const one of file.enums) part(out, 5, (inner) => enumeration(inner, one))
  for (const one of file.services) part(out, 6, (inner) => service(inner, one, { scope, find }))
  text(out, 12, 'proto3')
  return out.finish()
}

/** Full names of all that a file has. */
export function symbolsOf(file: ProtoFile): string[] {
  const ofMessage = (prefix: string, { name, messages, enums }: ProtoMessage): string[] => [
    `${prefix}.${name}`,
    ...enums.map((one) => `${prefix}.${name}.${one.name}`),
    ...messages.flatMap((one) => ofMessage(`${prefix}.${name}`, one)),
  ]
  return [
    ...file.services.flatMap(({ name, methods }) => [
      `${file.package}.${name}`,
      ...methods.map((method) => `${file.package}.${name}.${method.name}`),
    ]),
    ...file.messages.flatMap((one) => ofMessage(file.package, one)),
    ...file.enums.map(({ name }) => `${file.package}.${name}`),
  ]
}

interface Place {
  readonly scope: readonly string[]
  readonly find: FindType
}

function message(out: Writer, { name, fields, messages, enums }: ProtoMessage, { scope, find }: Place): void {
  const inner = { scope: [...scope, name], find }
  text(out, 1, name)
  // Each field that may be absent is, to descriptors, a choice of its own; they come after those that are written as such.
  const choices = [...new Set(fields.flatMap(({ choice }) => choice ?? []))]
  const alone = fields.filter(({ count, choice }) => count === 'optional' && choice === null)
  const all = [...choices, ...alone.map((field) => `_${field.name}`)]
  for (const one of fields) {
    const choice = all.indexOf(one.choice ?? `_${one.name}`)
    part(out, 2, (to) => field(to, one, { ...inner, choice: choice < 0 ? null : choice }))
  }
  for (const one of fields) {
    if (one.count === 'map') part(out, 3, (to) => entry(to, one, inner))
  }
  for (const one of messages) part(out, 3, (to) => message(to, one, inner))
  for (const one of enums) part(out, 4, (to) => enumeration(to, one))
  // A list of entries that is written out is the same map.
  if (name.endsWith('Entry') && scope.length > 0 && isEntry(fields)) isMap(out)
  for (const one of all) part(out, 8, (to) => text(to, 1, one))
}

function isEntry(fields: readonly ProtoField[]): boolean {
  return fields.length === 2 && fields[0]?.name === 'key' && fields[1]?.name === 'value'
}

function isMap(out: Writer): void {
  part(out, 7, (to) => number(to, 7, 1))
}

function field(
  out: Writer,
  { name, number: at, type, count, choice: written }: ProtoField,
  { scope, find, choice }: Place & { readonly choice: number | null },
): void {
  text(out, 1, name)
  number(out, 3, at)
  number(out, 4, LABEL[count])
  if (count === 'map') {
    number(out, 5, MESSAGE)
    text(out, 6, `.${[...scope, entryName(name)].join('.')}`)
  } else typed(out, type, { scope, find })
  if (choice !== null) number(out, 9, choice)
  text(out, 10, camel(name))
  if (count === 'optional' && written === null) number(out, 17, 1)
}

function typed(out: Writer, type: string, { scope, find }: Place): void {
  const scalar = TYPES[type]
  if (scalar !== undefined) {
    number(out, 5, scalar)
    return
  }
  const { full, kind } = find(type, scope)
  number(out, 5, kind === 'enum' ? ENUM : MESSAGE)
  text(out, 6, `.${full}`)
}

/** The message that stands for an entry of a map, whose keys are texts. */
function entry(out: Writer, { name, type }: ProtoField, { scope, find }: Place): void {
  const common = { count: 'one', choice: null, comment: '' } as const
  const place = { scope, find, choice: null }
  text(out, 1, entryName(name))
  part(out, 2, (to) => field(to, { ...common, name: 'key', number: 1, type: 'string' }, place))
  part(out, 2, (to) => field(to, { ...common, name: 'value', number: 2, type }, place))
  isMap(out)
}

function enumeration(out: Writer, { name, values }: ProtoEnum): void {
  text(out, 1, name)
  for (const value of values) {
    part(out, 2, (to) => {
      text(to, 1, value.name)
      number(to, 2, value.number)
    })
  }
}

function service(out: Writer, { name, methods }: ProtoService, { scope, find }: Place): void {
  text(out, 1, name)
  for (const method of methods) {
    part(out, 2, (to) => {
      text(to, 1, method.name)
      text(to, 2, `.${find(method.request, scope).full}`)
      text(to, 3, `.${find(method.response, scope).full}`)
      if (method.requestStream) number(to, 5, 1)
      if (method.responseStream) number(to, 6, 1)
    })
  }
}

function entryName(field: string): string {
  const name = camel(field)
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}Entry`
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function text(out: Writer, at: number, value: string): void {
  out.varint(at * 8 + 2)
  out.string(value)
}

function number(out: Writer, at: number, value: number): void {
  out.varint(at * 8)
  out.varint(value)
}

function part(out: Writer, at: number, write: (to: Writer) => void): void {
  out.varint(at * 8 + 2)
  const from = out.begin()
  write(out)
  out.end(from)
}
