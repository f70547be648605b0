import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisConnectionOptions } from './connection-options.ts'
import { backoff } from './link.ts'
import { ReplyError } from './reply-parser.ts'
import type { Session } from './session.ts'

type Login = Pick<RedisConnectionOptions, 'username' | 'db'> & { readonly password: string | undefined }

/** Times that a script is tried while the server reads its keys: some 2 s. */
const LOADING_MAX = 16

/** Logs in, and resolves when the server runs scripts in the right database; all of it in one round trip. */
export async function greet(session: Session, { username, password, db = 0 }: Login): Promise<void> {
  await inOrder([
    logIn(session, username, password),
    ...(db === 0 ? [] : [session.call(['SELECT', String(db)])]),
    runsScripts(session),
  ])
  // For people who look at CLIENT LIST; a user who may not is one all the same. As the first command it would be
  // answered by why the server wants no connection.
  session.call(['CLIENT', 'SETNAME', 'headgate']).catch(() => {})
}

/** Rejects with the first in order that fails: what follows a login that was refused only follows from it. */
export async function inOrder(steps: readonly Promise<unknown>[]): Promise<void> {
  void Promise.allSettled(steps)
  for (const step of steps) await step
}

/** Logs in where there is somebody to log in as. */
export async function logIn(session: Session, username?: string, password?: string): Promise<void> {
  if (username === undefined && password === undefined) return
  const who = username === undefined ? [password ?? ''] : [username, password ?? '']
  await session.call(['AUTH', ...who]).catch(ignoreNeedless)
}

/**
 * A script needs no permission that the store does not need, and is refused while the server reads its keys. If that
 * takes long, another server may do its work by now.
 */
async function runsScripts(session: Session): Promise<void> {
  for (let left = LOADING_MAX; ; left--) {
    try {
      await session.call(['EVAL', 'return 1', '0'])
      return
    } catch (reason) {
      const isLoading = reason instanceof ReplyError && reason.message.startsWith('LOADING')
      if (!isLoading || left === 0) throw reason
    }
    await sleep(backoff(), undefined, { ref: false })
  }
}

/** A password where none is needed is no reason to do without limits. A server that knows no AUTH repeats it. */
function ignoreNeedless({ message }: Error): void {
  if (!message.includes('without any password')) throw new ReplyError(message.replace(/, with args.*/, ''))
}
