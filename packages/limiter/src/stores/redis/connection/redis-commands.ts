/** Commands of the user's own to one server, as diagnostics need them. */
import { invalid } from '../../../core/errors.ts'
import type { RedisConnectionOptions } from './connection-options.ts'
import { logIn } from './greet.ts'
import { PasswordSource } from './password.ts'
import type { Reply } from './reply-parser.ts'
import { Session } from './session.ts'

/** One connection to one server; it does not connect again. */
export interface RedisCommands {
  /** Sends a command; rejects with what the server says where it refuses, or when nothing comes from it for a second. */
  call(...command: readonly string[]): Promise<RedisAnswer>
  close(): void
}

/** What a server answers. */
export type RedisAnswer = number | string | null | readonly RedisAnswer[]

/** Connects to the server of `host` or `path`, and logs in. */
export async function openCommands(options: RedisConnectionOptions): Promise<RedisCommands> {
  const { username, password, db = 0, host, path } = options
  if ((host ?? path) === undefined) throw invalid('redisCommands', 'give host or path: one server')
  const session = new Session(options, () => {})
  try {
    await session.opened
    await logIn(session, username, await new PasswordSource(password).get())
    if (db !== 0) await session.call(['SELECT', String(db)])
  } catch (reason) {
    session.close(reason as Error)
    throw reason
  }
  return {
    call: async (...command) => answerOf(await session.call(command)),
    close: () => session.close(new Error('the connection was closed')),
  }
}

/** An error within a list is told as its text. */
function answerOf(reply: Reply): RedisAnswer {
  if (Array.isArray(reply)) return reply.map(answerOf)
  return reply instanceof Error ? reply.message : reply
}
