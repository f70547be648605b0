/** What the admin listener answers, as far as the page reads it. Null: not for this token to know. */

/** Decisions by outcome. */
export interface Outcomes {
  readonly allowed: number
  readonly denied: number
  /** Those that a rule which only counts would have denied, whatever became of them. */
  readonly shadowDenied: number
}

/** Decisions in one second. */
export interface Second extends Outcomes {
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface RuleDenials {
  readonly rule: string | null
  readonly denied: number
  readonly shadowDenied: number
}

export interface PolicyOutcomes extends Outcomes {
  /** Null: the lists `allow` and `deny`, or none matched. */
  readonly policy: string | null
  readonly rules?: readonly RuleDenials[]
}

/** Of the last one to two minutes. */
export interface LatencyFigures {
  readonly count: number
  readonly averageMs: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
}

export interface RankedKey {
  readonly policy: string
  readonly key: string
  /** Estimated, by at most `error` too high. */
  readonly count: number
  readonly error: number
  readonly margin: number
}

export interface RankedKeys {
  readonly window: { readonly from: number; readonly to: number }
  readonly sampledOneIn: number
  readonly keys: readonly RankedKey[]
}

/** How things stand, once a second. */
export interface Snapshot extends Outcomes {
  readonly at: number
  readonly hash: string
  readonly since: number
  readonly errors: number | null
  readonly latency: Readonly<Record<string, LatencyFigures>> | null
  readonly bySource: Readonly<Record<string, number>> | null
  readonly storeAvailable: boolean
  readonly activePolicies: number
  readonly policies: readonly PolicyOutcomes[]
  readonly store: {
    readonly breaker: 'closed' | 'half-open' | 'open'
    readonly consecutiveFailures: number
    readonly replicas: number
    readonly overloads: number
    readonly lastError?: string | null
  }
  readonly top: { readonly requests: RankedKeys; readonly denied: RankedKeys }
  /** Events of the second before that were not told, by kind. */
  readonly omitted: Readonly<Record<string, number>>
  readonly isDraining?: boolean
  readonly uptimeMs?: number
  readonly version?: string
}

export interface BudgetName {
  readonly policy: string
  readonly key: string
}

export interface Denial {
  readonly id: string
  readonly at: number
  readonly policy: string | null
  readonly rule: string | null
  readonly reason: string
  readonly source: string
  readonly verb: string
  readonly transport: string
  readonly cost: number
  /** Null: no wait helps. */
  readonly retryAfterMs: number | null
  readonly keys: readonly BudgetName[]
}

export interface Health {
  /** That of the page; null: none is needed, and it may do everything. */
  readonly token: { readonly name: string; readonly scopes: readonly string[] } | null
  readonly version: string
  readonly uptimeMs: number
  readonly isDraining: boolean
  readonly store: {
    readonly available: boolean
    readonly store: 'reachable' | 'unreachable' | 'unknown'
    readonly answeredAt: number | null
    readonly breaker: string
    readonly consecutiveFailures: number
    readonly lastError: { readonly code: string; readonly message: string; readonly at: number } | null
    readonly latency: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number } | null
    readonly replicas: number
    readonly parts: { readonly total: number; readonly unavailable: number }
  }
  readonly decisions: Readonly<Record<string, number>>
  readonly overloads: number
  readonly eventLoop: { readonly meanMs: number; readonly p99Ms: number; readonly maxMs: number }
  readonly memory: { readonly rssBytes: number; readonly heapUsedBytes: number }
  readonly certificate: { readonly notAfterMs: number } | null
}

export interface ListedRule {
  readonly name?: string
  readonly limit: string | { readonly limit: number; readonly window: string | number }
}

export interface ListedPolicy {
  readonly name: string
  readonly rules: readonly (string | ListedRule)[]
  /** Attributes that make its key; `key` unless it says so. */
  readonly key?: string | readonly string[]
  /** Which requests it is for, by their attributes. */
  readonly match?: Readonly<Record<string, unknown>>
  readonly mode?: 'enforce' | 'shadow' | 'off'
  readonly lease?: unknown
  /** What its rules admit at worst, a sentence each. */
  readonly worstCase?: readonly string[]
}

export interface Policies {
  readonly hash: string
  readonly policies: readonly ListedPolicy[]
  readonly rejected: Rejected | null
  readonly runtime?: { readonly shadow: boolean; readonly policies: readonly string[] }
}

/** Why another configuration is not in force. */
export interface Rejected {
  readonly file: string | null
  readonly path: string
  readonly line: number | null
  readonly message: string
  /** How many more mistakes there are. */
  readonly more: number
}

export interface ConfigurationChange {
  readonly at: number
  readonly outcome: 'in-force' | 'rejected'
  readonly hash: string | null
  readonly reason: string | null
  readonly path: string | null
  readonly what: string | null
}

export interface RuleUse {
  readonly rule: string
  readonly limit: number
  readonly rate: { readonly limit: number; readonly windowMs: number }
  readonly used: number
  readonly remaining: number
  readonly resetAfterMs: number
  readonly isShadow: boolean
}

export interface PolicyUse extends BudgetName {
  readonly blockedForMs: number | null
  readonly source: string
  readonly rules: readonly RuleUse[]
}
