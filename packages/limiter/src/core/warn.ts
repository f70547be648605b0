import { processOf } from './runtime.ts'

/** What belongs to a warning. */
export interface WarningOptions {
  /** Its name, such as `HEADGATE_EVICTION`. */
  readonly code: string
  /** The page about it. */
  readonly detail: string
}

/** Warns of something that a developer or an operator has to change: a warning of the process, or else of the console. */
export function warn(message: string, { code, detail }: WarningOptions): void {
  const process = processOf()
  if (process?.emitWarning !== undefined) {
    process.emitWarning(message, { type: 'HeadgateWarning', code, detail })
    return
  }
  // biome-ignore lint/suspicious/noConsole: there is no other place for it in a Worker.
  console.warn(`HeadgateWarning [${code}]: ${message} (${detail})`)
}
