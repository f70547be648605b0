/** How it stands: nothing to do, something to think about, or something that does not work or protects nobody. */
export type State = 'ok' | 'warning' | 'error'

/** What one check has found. */
export interface Finding {
  /** Its name, which stays the same from version to version. */
  readonly check: string
  /** What it is about, such as a store and one of its servers; null where it is about the service or this machine. */
  readonly about: string | null
  readonly state: State
  /** One sentence. */
  readonly message: string
  /** What to do; null where there is nothing to do. */
  readonly fix: string | null
}

/** Makes the findings of one check. */
export interface Findings {
  ok(message: string): Finding
  warning(message: string, fix: string): Finding
  error(message: string, fix: string): Finding
}

/** Makes the findings of a check about something. */
export function findingsOf(check: string, about: string | null = null): Findings {
  const find = (state: State, message: string, fix: string | null): Finding => {
    return { check, about, state, message, fix }
  }
  return {
    ok: (message) => find('ok', message, null),
    warning: (message, fix) => find('warning', message, fix),
    error: (message, fix) => find('error', message, fix),
  }
}

/** The worst of them. */
export function worstOf(findings: readonly Finding[]): State {
  const has = (state: State): boolean => findings.some((finding) => finding.state === state)
  if (has('error')) return 'error'
  return has('warning') ? 'warning' : 'ok'
}
