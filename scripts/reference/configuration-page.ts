/** All fields of the configuration, a section for each field of the file. */
import { cellOf, type FieldSchema, fieldsOf, fieldTable, typeOf } from './schema-fields.ts'

/** What editors read, and not the service. */
const OF_EDITORS = '$schema'

/** The page's text below its introduction, from the schema of the file. */
export function configurationPage(schema: FieldSchema): string {
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== OF_EDITORS)
    .map(([name, inner]) => sectionOf(name, inner))
    .join('\n')
}

function sectionOf(name: string, schema: FieldSchema): string {
  const fields = fieldsOf(schema, name)
  const said = `${cellOf(schema.description ?? '')} Type: ${typeOf(schema, String)}.`.trim()
  return [`## ${name}\n`, `${said}\n`, ...(fields.length === 0 ? [] : [fieldTable(fields, String)])].join(
    '\n',
  )
}
