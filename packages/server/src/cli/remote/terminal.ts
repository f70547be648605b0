import type { Environment } from '../../config/source/read-variables.ts'

/** Where a command reads from and prints to. */
export interface Terminal {
  readonly env: Environment
  /** Whether what is printed is read by a person as it comes. */
  readonly isTTY: boolean
  /** Lines that a screen has. */
  readonly rows: number
  /** Prints to standard output, as it is. */
  write(text: string): void
  /** Prints a line to standard error. */
  warn(line: string): void
  /** Sets the code with which the process ends. */
  exit(code: number): void
  /** All of standard input. */
  read(): Promise<string>
  /** A line that is typed without being shown; null where nobody types on standard input. */
  readSecret(question: string): Promise<string | null>
  /** Resolves after a time, and at once when the command is to end. */
  sleep(ms: number): Promise<void>
  /** Milliseconds since 1970. */
  now(): number
  /** Aborted when the command is to end, as by Ctrl-C. */
  readonly signal: AbortSignal
}

/** What a command has to say at its end. */
export interface Told {
  readonly exitCode: number
  /** Lines for people. */
  readonly lines: readonly string[]
  /** The same for programs. */
  readonly json: unknown
}
