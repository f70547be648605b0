import { z } from 'zod'
import type { AdminServer, Answered } from './admin-server.ts'

// biome-ignore lint/suspicious/noExplicitAny: reads its way through a document
type Json = any

/** In what an answer is not as the document of the listener says; undefined where it is. */
export async function described(
  admin: AdminServer,
  path: string,
  { status, json }: Pick<Answered, 'status' | 'json'>,
  method: 'get' | 'post' = 'get',
): Promise<unknown> {
  const { json: document } = await admin.ask('/v1/openapi.json')
  const { responses } = document.paths[path][method]
  const { schema } = Object.values((responses[status] ?? responses.default).content)[0] as Json
  const resolve = (_: string, value: Json): Json =>
    typeof value?.$ref === 'string' ? document.components.schemas[value.$ref.split('/').at(-1)] : value
  return z.fromJSONSchema(JSON.parse(JSON.stringify(schema, resolve))).safeParse(json).error?.issues
}
