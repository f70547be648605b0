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

/** A text without spaces and quotes as it is, all else as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=\p{C}]+$/u.test(value) ? value : JSON.stringify(value)
}
