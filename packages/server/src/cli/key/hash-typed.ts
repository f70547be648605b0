import { wrongUsage } from '../../service/describe-failure.ts'
import {
  hasArgon2,
  hashPassword,
  PASSWORD_BYTES_MAX,
  type PasswordHash,
} from '../../service/identity/password-hash.ts'
import { EXIT } from '../exit.ts'
import type { Terminal, Told } from '../remote/terminal.ts'

/** Runs `headgate hash`: reads a password, twice where it is typed, and says what a configuration has of it. */
export async function hashTyped(
  kind: PasswordHash['kind'],
  terminal: Pick<Terminal, 'read' | 'readSecret'>,
): Promise<Told> {
  if (kind === 'argon2id' && !hasArgon2()) throw wrongUsage('--argon2id takes Node 24.7 or later')
  const hash = await hashPassword(checked(await passwordOf(terminal)), kind)
  return { exitCode: EXIT.done, lines: [hash], json: { hash } }
}

async function passwordOf(terminal: Pick<Terminal, 'read' | 'readSecret'>): Promise<string> {
  const typed = await terminal.readSecret('Password: ')
  if (typed === null) return (await terminal.read()).replace(/\r?\n$/, '')
  if (typed !== (await terminal.readSecret('Once more: ')))
    throw wrongUsage('these were two different passwords')
  return typed
}

/** What no client can send is no password. */
function checked(password: string): string {
  if (password === '') throw wrongUsage('there is no password; type one, or give it on standard input')
  if (/\p{Cc}/u.test(password)) throw wrongUsage('a password is one line, without control characters')
  // What a client sends has user and colon in it too.
  const bytesMax = PASSWORD_BYTES_MAX - 257
  if (Buffer.byteLength(password) <= bytesMax) return password
  throw wrongUsage(`a password has up to ${bytesMax} bytes`)
}
