import { resolve } from 'node:path'
import { parsePasswordHash } from '../../service/identity/password-hash.ts'
import type { BasicSettings, BasicUser } from '../../service/proxy-settings/auth-settings.ts'
import type { Mistake, Path } from '../config-error.ts'
import { type FileAuth, scopesShape, userName } from '../schema/proxy-auth-shape.ts'
import { readSmallFile } from '../small-file.ts'
import { show } from '../unknown-name.ts'
import { LIST_BYTES_MAX, UNREADABLE_LIST } from './read-api-keys.ts'

const REALM = 'headgate'
const AT = ['proxy', 'basic']
const USERS_MAX = 10_000

/** A user with the place that mistakes are said of. */
interface Placed extends BasicUser {
  readonly name: string
  readonly path: Path
  /** In front of a message: which line of the file it is. */
  readonly within: string
}

/** The users of the configuration and of its file of users, which is looked for from `folder`; or what is wrong with them. */
export function readUsers(
  { realm = REALM, users = {}, usersFile }: NonNullable<FileAuth['basic']>,
  folder: string,
): BasicSettings | readonly Mistake[] {
  const written = Object.entries(users).map(([name, user]): Placed => {
    const { hash, scopes = [] } = typeof user === 'string' ? { hash: user } : user
    return { name, hash, scopes, path: [...AT, 'users', name], within: '' }
  })
  const filed = usersFile === undefined ? [] : readUsersFile(resolve(folder, usersFile))
  const placed = [...written, ...filed.filter(isPlaced)]
  const mistakes: Mistake[] = [...filed.filter(isWrong), ...placed.flatMap(userMistakes), ...twice(placed)]
  if (mistakes.length > 0) return mistakes
  if (placed.length === 0) return [{ path: AT, message: 'has no user; give users or usersFile' }]
  if (placed.length > USERS_MAX) return [{ path: AT, message: `has more than ${USERS_MAX} users` }]
  return {
    realm,
    users: Object.fromEntries(placed.map(({ name, hash, scopes }) => [name, { hash, scopes }])),
  }
}

/** Lines `user:hash`, or `user:hash:scope,scope`; empty ones and those that begin with # say nothing. */
function readUsersFile(file: string): (Placed | Mistake)[] {
  const path = [...AT, 'usersFile']
  const text = readSmallFile(file, LIST_BYTES_MAX)?.toString()
  if (text === undefined) return [{ path, message: UNREADABLE_LIST }]
  return text.split(/\r?\n/).flatMap((line, i): (Placed | Mistake)[] => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const within = `line ${i + 1} of the file: `
    const [name = '', hash = '', list, ...rest] = line.trimEnd().split(':')
    const scopes = list === undefined ? [] : list.split(',')
    const isOther =
      rest.length > 0 || !userName.safeParse(name).success || !scopesShape.safeParse(scopes).success
    if (isOther) return [{ path, message: `${within}is not user:hash, or user:hash:scope,scope` }]
    return [{ name, hash, scopes, path, within }]
  })
}

function isPlaced(one: Placed | Mistake): one is Placed {
  return 'hash' in one
}

function isWrong(one: Placed | Mistake): one is Mistake {
  return !isPlaced(one)
}

function userMistakes({ hash, path, within }: Placed): Mistake[] {
  const parsed = parsePasswordHash(hash)
  return typeof parsed === 'string' ? [{ path, message: `${within}${parsed}` }] : []
}

function twice(placed: readonly Placed[]): Mistake[] {
  const names = new Set<string>()
  return placed.flatMap(({ name, path, within }) => {
    const isTwice = names.has(name)
    names.add(name)
    return isTwice ? [{ path, message: `${within}${show(name)} is there twice` }] : []
  })
}
