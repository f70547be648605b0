/** The user that docs/operations/redis.md recommends, read off that page: whoever follows it must not find it too narrow. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './docs/documents.ts'
import { isRedis6, knowsSetInfo } from './harness/redis-binary.ts'
import type { Reply } from './harness/resp.ts'

/** Rows of the table of further permissions, by how they begin. */
export type Further =
  | 'a database other than 0'
  | '`flush` of'
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

/** The rules of its line and of these rows, as far as the servers of this run know the commands. */
export function permissionsOf(further: readonly Further[]): string[] {
  const known = (permission: string): boolean => permission !== '+client|setinfo' || knowsSetInfo()
  return [...documentedUser.rules, ...further.flatMap(permissionsFor).filter(known)]
}

/** Creates the user with the permissions of its line and of these rows; returns the URL to log in with. */
export async function admitDocumentedUser(
  server: Administered,
  ...further: readonly Further[]
): Promise<string> {
  await server.command('ACL', 'SETUSER', name, 'on', `>${password}`, ...permissionsOf(further))
  return server.url.replace('://', `://${name}:${password}@`)
}

/**
 * Passwords that are wrong on purpose; what a replica says to its primary before it logs in; and what a server that reads
 * its append-only file refuses to itself, since it does so as the user who does not log in.
 */
const HARMLESS = /"reason","auth"|"object","ping","username","default"|addr=\?:0 /

/** What the server refused who may do what the page says, besides what that says of Redis 6; one line each. */
export async function refusals(server: Pick<Administered, 'command'>): Promise<string[]> {
  const log = (await server.command('ACL', 'LOG')) as readonly Reply[]
  const lines = log.map((entry) => JSON.stringify(entry)).filter((line) => !HARMLESS.test(line))
  return isRedis6() ? lines.filter((line) => !line.includes('"object","client"')) : lines
}

function permissionsFor(row: Further): string[] {
  const line = page.split('\n').find((text) => text.startsWith(`| ${row}`))
  const [, permissions = ''] = /`([^`]*)` \|$/.exec(line ?? '') ?? []
  return permissions.replaceAll('\\', '').split(' ')
}
