import { EXIT } from './exit.ts'

let isHeard = false

/** Prints to standard output. Whoever reads it may have enough before the end, as `head` does: that is no failure of ours. */
export function print(text: string): void {
  if (!isHeard) process.stdout.on('error', onOutputError)
  isHeard = true
  process.stdout.write(text)
}

/** Says that standard output cannot be written; answers whether what it was to have is lost to somebody. */
export function onOutputError({ code }: NodeJS.ErrnoException): boolean {
  if (code === 'EPIPE') return false
  process.exitCode = EXIT.failed
  console.error(
    `Standard output cannot be written (${code ?? 'unknown error'}), and what it was to have is lost`,
  )
  return true
}
