import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Logger } from 'pino'
import type { StopSignal } from '../stop-signal.ts'

/**
 * Signals that a child gets as they come. Those that end a process are not among them, for requests have to end first; nor is SIGHUP, by
 * which the proxy reads its files again, and which ends most applications.
 */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGUSR1', 'SIGUSR2']
/** Of a program that is not there, as shells have it. */
const NOT_FOUND = 127
/** What shells add to the number of a signal. */
const BY_SIGNAL = 128

/** How a child ended. */
export interface ChildExit {
  /** What a shell would say: its own code, or 128 and the number of the signal that ended it. */
  readonly exitCode: number
  /** Null where it ended by itself. */
  readonly signal: NodeJS.Signals | null
}

/** What a child is started with. */
export interface SuperviseOptions {
  /** All of its environment. */
  readonly env: NodeJS.ProcessEnv
  readonly log: Logger
}

/** Another process, which lives no longer than this one. */
export interface Child {
  /** Null where it could not be started. */
  readonly pid: number | null
  /** Resolves with how it ended. */
  readonly exited: Promise<ChildExit>
  /**
   * Asks it to end by that signal; where that takes longer, it ends by SIGKILL, with all that it has started. A second call may shorten
   * the time.
   */
  stop(signal: StopSignal, withinMs: number): Promise<ChildExit>
}

/**
 * Starts a program, once, in a process group of its own, with the input and output of this process. SIGUSR1 and SIGUSR2 are
 * passed on to it, and not to what it has started. When it ends, or this process does, what is left of its group ends by SIGKILL: so
 * whoever calls listens to the signals that end a process before. A program that is not there ends with 127.
 */
export function superviseChild(command: readonly string[], { env, log }: SuperviseOptions): Child {
  const [program = '', ...args] = command
  const child = spawn(program, args, { env, stdio: 'inherit', detached: true })
  const { pid } = child
  const ended = Promise.withResolvers<ChildExit>()
  const forward = (signal: NodeJS.Signals): void => send(pid, signal)
  const killGroup = (): void => send(pid === undefined ? pid : -pid, 'SIGKILL')
  for (const signal of FORWARDED) process.on(signal, forward)
  process.once('exit', killGroup)
  const end = (exit: ChildExit): void => {
    // What it has started would keep its port.
    killGroup()
    process.off('exit', killGroup)
    for (const signal of FORWARDED) process.off(signal, forward)
    log.info({ child: pid, ...exit }, 'the app has ended')
    ended.resolve(exit)
  }
  child.once('spawn', () => log.info({ child: pid }, 'the app is started'))
  child.once('error', (err) => {
    if (pid !== undefined) return
    log.error({ err }, 'the app cannot be started')
    end({ exitCode: NOT_FOUND, signal: null })
  })
  child.once('exit', (code, signal) => end({ exitCode: code ?? codeOf(signal), signal }))
  return {
    pid: pid ?? null,
    exited: ended.promise,
    stop: async (signal, withinMs) => {
      if (child.exitCode === null && child.signalCode === null) send(pid, signal)
      const timer = setTimeout(() => {
        log.warn({ child: pid }, `the app has not ended within ${withinMs} ms, and is killed`)
        killGroup()
      }, withinMs)
      return ended.promise.finally(() => clearTimeout(timer))
    },
  }
}

function codeOf(signal: NodeJS.Signals | null): number {
  return BY_SIGNAL + (signal === null ? 0 : constants.signals[signal])
}

/** To a process, or by a negative number to a group. */
function send(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone, or all of its group are.
  }
}
