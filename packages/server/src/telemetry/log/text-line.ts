import { quoted } from './quoted.ts'

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/** A line of the log for people: time, level and message, then the fields; `line` is JSON, as pino writes it. */
export function textLine(line: string): string {
  const { level, time, msg, pid: _, ...fields } = JSON.parse(line) as Record<string, unknown>
  const said = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`)
  return `${[String(time), LEVELS[Number(level)]?.padEnd(5), String(msg ?? ''), ...said].join(' ')}\n`
}

/** Several lines of the log, each as {@link textLine} has it. */
export function textLines(lines: string): string {
  return lines.split('\n').slice(0, -1).map(textLine).join('')
}

/** A text without spaces and quotes as it is, all else as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=\p{C}]+$/u.test(value) ? value : quoted(value)
}
