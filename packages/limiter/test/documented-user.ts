/** The user that docs/operations/redis.md recommends, read off that page: whoever follows it must not find it too narrow. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './docs/documents.ts'
import { isRedis6 } from './harness/redis-binary.ts'
import type { Reply } from './harness/resp.ts'

/** Rows of the table of further permissions, by how they begin. */
export type Further =
  | 'a database other than 0'
  | 'a Cluster'
  | 'clients of yours,'
  | 'clients of yours for a Cluster'

/** What of a server it takes to create the user there. */
export interface Administered {
  readonly url: string
  command(...args: readonly (string | number)[]): Promise<Reply>
}

const page = readFileSync(join(root, 'docs/operations/redis.md'), 'utf8')
const [, name = '', password = '', rules = ''] = /^ACL SETUSER (\S+) on >(\S+) (.*)$/m.exec(page) ?? []

/** `rules` are those of its line alone. */
export const documentedUser = { name, password, rules: rules.split(' ') } as const

/** Creates the user with the permissions of its line and of these rows; returns the URL to log in with. */
export async function admitDocumentedUser(
  server: Administered,
  ...further: readonly Further[]
): Promise<string> {
  await server.command('ACL', 'SETUSER', name, 'on', `>${password}`, ...documentedUser.rules)
  for (const permission of further.flatMap(permissionsFor)) await permit(server, permission)
  return server.url.replace('://', `://${name}:${password}@`)
}

/** What the server refused the user, besides what the page says of Redis 6; one line each. */
export async function refusals(server: Administered): Promise<string[]> {
  const log = (await server.command('ACL', 'LOG')) as readonly Reply[]
  const lines = log.map((entry) => JSON.stringify(entry))
  return isRedis6() ? lines.filter((line) => !line.includes('"object","client"')) : lines
}

function permissionsFor(row: Further): string[] {
  const line = page.split('\n').find((text) => text.startsWith(`| ${row}`))
  const [, permissions = ''] = /`([^`]*)` \|$/.exec(line ?? '') ?? []
  return permissions.replaceAll('\\', '').split(' ')
}

/** As the page says, servers before 7.2 do not have all of these commands, and refuse to hear of those. */
async function permit(server: Administered, permission: string): Promise<void> {
  try {
    await server.command('ACL', 'SETUSER', name, permission)
  } catch (error) {
    if (!/unknown command/i.test(String(error))) throw error
  }
}
