import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisConnectionOptions } from './connection-options.ts'
import { retryDelayMs } from './lazy-client.ts'
import { ReplyError } from './reply-parser.ts'
import type { Session } from './session.ts'

type Login = Pick<RedisConnectionOptions, 'username' | 'db'> & { readonly password: string | undefined }

/** Attempts to run a script while the server answers LOADING, some 2 s in all. */
const LOADING_MAX = 16

/** Logs in, selects the database and waits until the server runs scripts; one round trip if it does at once. */
export async function greet(
  session: Session,
  { username, password, db = 0 }: Login,
  onLoading: (refusal: Error) => void,
): Promise<void> {
  await inOrder([
    logIn(session, username, password),
    ...(db === 0 ? [] : [session.call(['SELECT', String(db)])]),
    waitForScripts(session, onLoading),
  ])
  // A label in CLIENT LIST; an ACL may forbid it. Sent last: the first command gets the error of a refused connection,
  // and this one's errors are ignored.
  session.call(['CLIENT', 'SETNAME', 'headgate']).catch(() => {})
}

/** Rejects with the first failure in the order of steps: after a refused login all later commands fail as well. */
export async function inOrder(steps: readonly Promise<unknown>[]): Promise<void> {
  void Promise.allSettled(steps)
  for (const step of steps) await step
}

/** Sends AUTH if there is a user name or a password. */
export async function logIn(session: Session, username?: string, password?: string): Promise<void> {
  if (username === undefined && password === undefined) return
  const who = username === undefined ? [password ?? ''] : [username, password ?? '']
  await session.call(['AUTH', ...who]).catch(ignoreUnneeded)
}

/**
 * Runs a trivial script until it succeeds: the server answers LOADING while it reads its data set. EVAL is a
 * permission that the store needs anyway. Gives up after {@link LOADING_MAX} attempts, since a failover may have
 * moved the primary.
 */
async function waitForScripts(session: Session, onLoading: (refusal: Error) => void): Promise<void> {
  for (let left = LOADING_MAX; ; left--) {
    try {
      await session.call(['EVAL', 'return 1', '0'])
      return
    } catch (reason) {
      const isLoading = reason instanceof ReplyError && reason.message.startsWith('LOADING')
      if (!isLoading || left === 0) throw reason
      onLoading(reason)
    }
    await sleep(retryDelayMs(), undefined, { ref: false })
  }
}

/**
 * Ignores that the server has no password: limits work all the same. Removes the arguments from other errors: a server
 * without AUTH repeats the password in its message.
 */
function ignoreUnneeded({ message }: Error): void {
  if (!message.includes('without any password')) throw new ReplyError(message.replace(/, with args.*/, ''))
}
