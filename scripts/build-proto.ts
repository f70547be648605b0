/** Turns `packages/server/proto` into types and codecs, `src/gen/*.ts`; with `--check` fails when those are out of date. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describeFile, symbolsOf } from './describe-proto.ts'
import {
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  parseProto,
} from './parse-proto.ts'

const ROOT = 'packages/server/proto'
const GEN = 'packages/server/src/gen'
const CODEC = 'packages/server/src/protobuf'
const LIBRARY = 'packages/limiter/src/gen'
/** What the client of the library speaks. */
const LIBRARY_MODULES = ['google-protobuf', 'google-rpc', 'headgate-v1']
const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  bytes: 'Uint8Array',
  bool: 'boolean',
  double: 'number',
  uint32: 'number',
  int32: 'number',
  uint64: 'number',
  int64: 'number',
}

interface Named {
  /** With the package: `headgate.v1.Decision`. */
  readonly full: string
  /** In TypeScript: `RateLimitResponseCode` of a nested one. */
  readonly local: string
  readonly module: string
  readonly kind: 'message' | 'enum'
}

const files = globSync('**/*.proto', { cwd: ROOT })
  .sort()
  .map((path) => ({ path, file: parseProto(readFileSync(join(ROOT, path), 'utf8')) }))
const names = new Map<string, Named>()
for (const { file } of files) collect(file)

const outputs = new Map<string, string>()
for (const module of new Set(files.map(({ file }) => moduleOf(file)))) {
  const parts = files.filter(({ file }) => moduleOf(file) === module)
  outputs.set(`${GEN}/${module}.ts`, textOf(module, parts))
}
outputs.set(`${GEN}/descriptors.ts`, descriptorsText())
// The library may not import the server, and its client speaks the same messages.
for (const name of LIBRARY_MODULES) {
  outputs.set(`${LIBRARY}/${name}.ts`, besideCodec(outputs.get(`${GEN}/${name}.ts`) as string))
}
for (const path of globSync(`${CODEC}/*.ts`, { exclude: ['**/*.test.ts'] })) {
  const notice = `// Copied by scripts/build-proto.ts from ${path}; do not edit.\n`
  outputs.set(`${LIBRARY}/${basename(path)}`, notice + readFileSync(path, 'utf8'))
}
const stale = [...outputs].filter(([path, text]) => current(path) !== text)
if (process.argv.includes('--check')) {
  for (const [path] of stale) console.error(`${path} is out of date; run node scripts/build-proto.ts`)
  if (stale.length > 0) process.exitCode = 1
} else {
  for (const folder of [GEN, LIBRARY]) mkdirSync(folder, { recursive: true })
  for (const [path, text] of stale) writeFileSync(path, text)
}

/** The text of a module where the codec lies in the same folder. */
function besideCodec(text: string): string {
  return text.replaceAll("'../protobuf/", "'./")
}

/** One module a package: `envoy.service.ratelimit.v3` is `envoy-service-ratelimit-v3.ts`. */
function moduleOf({ package: name }: ProtoFile): string {
  return name.replaceAll('.', '-')
}

function collect(file: ProtoFile): void {
  const module = moduleOf(file)
  const add = (kind: Named['kind'], path: readonly string[]): void => {
    const full = [file.package, ...path].join('.')
    names.set(full, { full, local: path.join(''), module, kind })
  }
  const walk = (message: ProtoMessage, path: readonly string[]): void => {
    const at = [...path, message.name]
    add('message', at)
    for (const one of message.enums) add('enum', [...at, one.name])
    for (const one of message.messages) walk(one, at)
  }
  for (const one of file.enums) add('enum', [one.name])
  for (const one of file.messages) walk(one, [])
}

/** The innermost thing of that name, as scopes lie in each other. */
function resolve(type: string, scope: readonly string[]): Named {
  for (let length = scope.length; length >= 0; length--) {
    const found = names.get([...scope.slice(0, length), type].join('.'))
    if (found !== undefined) return found
  }
  throw new Error(`${type} is nowhere`)
}

function textOf(
  module: string,
  parts: readonly { readonly path: string; readonly file: ProtoFile }[],
): string {
  const used = new Map<string, Set<string>>()
  const use = (named: Named): string => {
    if (named.module !== module) {
      used.set(named.module, (used.get(named.module) ?? new Set()).add(named.local))
    }
    return named.local
  }
  const body = parts.flatMap(({ file }) => {
    const scope = file.package.split('.')
    return [
      ...file.enums.map((one) => enumText(one, [])),
      ...file.messages.flatMap((one) => messageTexts(one, { scope, path: [], use })),
      ...file.services.map((service) => {
        const methods = service.methods.map(
          ({ name, request, response, requestStream, responseStream, comment }) => {
            const [asked, answered] = [use(resolve(request, scope)), use(resolve(response, scope))]
            return [
              ...(comment === '' ? [] : [`  /** ${comment} */`]),
              `  ${name}: {`,
              `    path: '/${file.package}.${service.name}/${name}',`,
              `    request: ${asked},`,
              `    response: ${answered},`,
              `    requestStream: ${requestStream},`,
              `    responseStream: ${responseStream},`,
              `  } as MethodType<${asked}, ${answered}>,`,
            ].join('\n')
          },
        )
        return `export const ${service.name} = {\n${methods.join('\n')}\n} as const\n`
      }),
    ]
  })
  const hasServices = parts.some(({ file }) => file.services.length > 0)
  const hasMessages = parts.some(({ file }) => file.messages.length > 0)
  const imports = [
    ...(hasMessages ? ["import { type MessageType, messageType } from '../protobuf/message.ts'"] : []),
    ...(hasServices ? ["import type { MethodType } from '../protobuf/service-type.ts'"] : []),
    ...[...used]
      .sort()
      .map(([from, locals]) => `import { ${[...locals].sort().join(', ')} } from './${from}.ts'`),
  ]
  const source = parts.map(({ path }) => path).join(', ')
  return `// Generated by scripts/build-proto.ts from ${source}; do not edit.\n${imports.join('\n')}\n\n${body.join('\n')}`
}

/** What reflection tells: each file as a `FileDescriptorProto`, and what it has. */
function descriptorsText(): string {
  const rows = files.map(({ path, file }) => {
    const named = (type: string, scope: readonly string[]): Named => resolve(type, scope)
    const bytes = describeFile(path, file, named)
    const symbols = symbolsOf(file).map((name) => `    '${name}',`)
    const imports = file.imports.map((name) => `'${name}'`).join(', ')
    return `  '${path}': {\n    imports: [${imports}],\n    symbols: [\n${symbols.map((line) => `  ${line}`).join('\n')}\n    ],\n    bytes:\n      '${bytes.toString('base64')}',\n  },`
  })
  return `// Generated by scripts/build-proto.ts from all files of proto; do not edit.
export interface FileDescriptor {
  readonly imports: readonly string[]
  /** Full names of its services, methods, messages and enums. */
  readonly symbols: readonly string[]
  /** A \`FileDescriptorProto\`, in base64. */
  readonly bytes: string
}

/** Files by their paths. */
export const DESCRIPTORS: Readonly<Record<string, FileDescriptor>> = {
${rows.join('\n')}
}
`
}

interface Place {
  readonly scope: readonly string[]
  readonly path: readonly string[]
  readonly use: (named: Named) => string
}

function messageTexts(message: ProtoMessage, { scope, path, use }: Place): string[] {
  const at = [...path, message.name]
  const inner = { scope, path: at, use }
  const local = at.join('')
  const full = [...scope, ...at].join('.')
  const properties = message.fields.map((field) => propertyText(field, [...scope, ...at], use))
  const fields = message.fields.map((field) => fieldText(field, [...scope, ...at], use))
  const body = properties.length === 0 ? '{}' : `{\n${properties.join('\n')}\n}`
  const doc = message.comment === '' ? '' : `/** ${message.comment} */\n`
  const list = fields.length === 0 ? '[]' : `[\n${fields.join('\n')}\n]`
  return [
    ...message.enums.map((one) => enumText(one, at)),
    ...message.messages.flatMap((one) => messageTexts(one, inner)),
    `${doc}export interface ${local} ${body}\n`,
    `export const ${local}: MessageType<${local}> = messageType('${full}', () => ${list})\n`,
  ]
}

function propertyText(
  { name, type, count, comment }: ProtoField,
  scope: readonly string[],
  use: Place['use'],
): string {
  const one = SCALARS[type] ?? typeText(resolve(type, scope), use)
  const isMessage = SCALARS[type] === undefined && resolve(type, scope).kind === 'message'
  const shown = { one, optional: one, many: `readonly ${one}[]`, map: `Readonly<Record<string, ${one}>>` }[
    count
  ]
  const mark = count === 'optional' || (count === 'one' && isMessage) ? '?' : ''
  const doc = comment === '' ? '' : `  /** ${comment} */\n`
  return `${doc}  readonly ${camel(name)}${mark}: ${shown}${mark === '' ? '' : ' | undefined'}`
}

function typeText(named: Named, use: Place['use']): string {
  return named.kind === 'enum' ? 'number' : use(named)
}

function fieldText(
  { name, number, type, count }: ProtoField,
  scope: readonly string[],
  use: Place['use'],
): string {
  const named = SCALARS[type] === undefined ? resolve(type, scope) : null
  const isMessage = named?.kind === 'message'
  const shown =
    named === null ? `'${type}'` : isMessage ? `() => ${use(named)} as MessageType<never>` : "'enum'"
  return `  { number: ${number}, name: '${camel(name)}', type: ${shown}, count: '${count}' },`
}

function enumText({ name, values }: ProtoEnum, path: readonly string[]): string {
  const local = [...path, name].join('')
  const lines = values.map((value) => `  ${value.name}: ${value.number},`)
  return `export const ${local} = {\n${lines.join('\n')}\n} as const\n`
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function current(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
