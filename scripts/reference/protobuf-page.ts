/** The messages of gRPC as a page, from the `.proto` files of services that Headgate answers. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ProtoField, type ProtoFile, type ProtoMessage, parseProto } from '../parse-proto.ts'
import { cellOf, tableOf } from './schema-fields.ts'

const ROOT = 'packages/server/proto'
/** Packages of others, of which their own documents tell. */
const OTHERS = /^(google|grpc)\//

/** The page's text below its introduction. */
export function protobufPage(): string {
  return globSync('**/*.proto', { cwd: ROOT })
    .filter((path) => !OTHERS.test(path))
    .sort(
      (a, b) => Number(b.startsWith('headgate/')) - Number(a.startsWith('headgate/')) || a.localeCompare(b),
    )
    .map((path) => packageText(path, parseProto(readFileSync(join(ROOT, path), 'utf8'))))
    .join('\n')
}

function packageText(path: string, file: ProtoFile): string {
  const services = file.services.map(({ name, methods, comment }) => {
    const rows = methods.map(({ name, request, response, requestStream, responseStream, comment }) => {
      const of = (type: string, isStream: boolean): string => `${isStream ? 'stream of ' : ''}\`${type}\``
      const kinds = `${of(request, requestStream)} | ${of(response, responseStream)}`
      return `| \`${name}\` | ${kinds} | ${cellOf(comment)} |`
    })
    const head = ['| method | takes | answers | |', '| --- | --- | --- | --- |']
    return `### ${file.package}.${name}\n\n${sentence(comment)}${tableOf([...head, ...rows])}`
  })
  const messages = file.messages.flatMap((message) => messageText(message, file.package))
  const enums = file.enums.map((one) => enumText(one, file.package))
  const from = `From [\`${path}\`](../../${ROOT}/${path}).\n`
  return [`## ${file.package}: ${path.split('/').at(-1)}\n`, from, ...services, ...messages, ...enums].join(
    '\n',
  )
}

function messageText({ name, fields, messages, enums, comment }: ProtoMessage, scope: string): string[] {
  const full = `${scope}.${name}`
  const rows = fields.map(({ name, number, type, count, choice, comment }) => {
    const oneOf = choice === null ? '' : `, one of \`${choice}\``
    return `| \`${name}\` | ${number} | \`${typeText(type, choice === null ? count : 'one')}\`${oneOf} | ${cellOf(comment)} |`
  })
  const head = ['| field | number | type | |', '| --- | --- | --- | --- |']
  const table = rows.length === 0 ? 'Has no fields.\n' : tableOf([...head, ...rows])
  return [
    `### ${full}\n\n${sentence(comment)}${table}`,
    ...messages.flatMap((one) => messageText(one, full)),
    ...enums.map((one) => enumText(one, full)),
  ]
}

function enumText({ name, values }: ProtoFile['enums'][number], scope: string): string {
  const words = values.map(({ name, number }) => `${number} \`${name}\``).join(', ')
  return `### ${scope}.${name}\n\n${words}.\n`
}

/** A type as a `.proto` file writes it. */
function typeText(type: string, count: ProtoField['count']): string {
  return { one: type, optional: `optional ${type}`, many: `repeated ${type}`, map: `map<string, ${type}>` }[
    count
  ]
}

function sentence(comment: string): string {
  return comment === '' ? '' : `${comment}\n\n`
}
