import { z } from 'zod'
import { show } from '../unknown-name.ts'

const SOURCE =
  /^(jwt(\.[A-Za-z0-9_-]{1,64}){1,8}|header\.[A-Za-z0-9-]{1,64}|(descriptor|query|cookie)\.[A-Za-z0-9_.-]{1,64}|peer\.ip)$/

const source = z.string().regex(SOURCE, {
  error: ({ input }) => `${show(input)} is not a source; ${fixOf(String(input))}`,
})

function fixOf(source: string): string {
  if (source.startsWith('header.')) return 'names of header fields have letters, digits and dashes'
  return 'write it as jwt.sub, header.x-user-id, query.id, cookie.id, descriptor.user_id or peer.ip'
}

/** What stands under `attributes`: attribute → where its value comes from, first source first. */
export const attributeShape = z.record(z.string(), z.union([source, z.array(source).min(1)]))
