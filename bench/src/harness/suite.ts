import type { SubjectName } from '../subjects/index.ts'

/** What a subject is told: plain JSON. */
export type Params = Readonly<Record<string, unknown>>

/** How long one process works: a share of its time to warm up, a share that counts. */
export interface Effort {
  readonly warmMs: number
  readonly measureMs: number
}

/** One fresh process: a subject and what it is told. */
export interface Run {
  /** Names the process in the report. */
  readonly label: string
  readonly subject: SubjectName
  readonly params: Params
  /** Which figure is meant of a subject that prints several; one process a round serves all cases that differ by this alone. */
  readonly reading?: string
  /** Whether it may use all cores: where lateness is measured, it must not wait for V8's own threads on a core of both. */
  readonly roams?: boolean
  /** The workspace whose library it uses; the bench's own when absent. */
  readonly tree?: string
}

/** What both ends of a wire used of their cores. */
export interface Usage {
  /** CPU time of the server for a request, in microseconds. */
  readonly serverMicros: number
  /** Share of its core that who asked used: where it is full, the server was not. */
  readonly askerShare: number
}

/** What a figure counts; see {@link isMoreBetter}. */
export type Unit =
  | 'ops/s'
  | 'requests/core-second'
  | 'decisions/core-second'
  | 'share'
  | 'ns/decision'
  | 'bytes/key'
  | 'commands/decision'
  | 'bytes/decision'
  | 'asking/decision'
  | 'µs'
  | 'ms'

/** Whether a higher figure is the better one: of rates and shares, not of costs. */
export function isMoreBetter(unit: Unit): boolean {
  return unit === 'ops/s' || unit === 'share' || unit.endsWith('/core-second')
}

/** What a case must show, of the ratio or of our own figure. */
export interface Target {
  readonly of: 'ratio' | 'ours'
  readonly sign: '≥' | '≤'
  readonly value: number
}

/** One comparison; `ratio` is always ours divided by theirs, in `unit`. */
export interface Case {
  readonly name: string
  readonly unit: Unit
  readonly ours: Run
  /** Several ways to use the other subject: the one with the best median counts. */
  readonly theirs: readonly Run[]
  /** Null when the case only informs. */
  readonly target: Target | null
  /** A third of the rounds, for what hardly varies, takes long or only informs. */
  readonly brief?: boolean
  /** Cases that name the same are measured in the same rounds, all of their processes in turn. Their runs have readings. */
  readonly together?: string
}

/** Cases and what they need around them. */
export interface Suite {
  readonly name: string
  /** Starts what the subjects of these cases share; its params reach every one of them. */
  readonly open?: (cases: readonly Case[]) => Promise<Surroundings>
  /** So chosen that all cases take no longer than `bench/README.md` says. */
  readonly effort: { readonly full: Effort; readonly quick: Effort }
  readonly cases: readonly Case[]
}

/** What `open` started. */
export interface Surroundings {
  readonly params: Params
  /** Named in the report, such as a server and its version. */
  readonly about: string
  close(): Promise<void>
}

/** The ratio must be at least `value`. */
export function atLeast(value: number): Target {
  return { of: 'ratio', sign: '≥', value }
}

/** The ratio must be at most `value`. */
export function atMost(value: number): Target {
  return { of: 'ratio', sign: '≤', value }
}

/** Our own figure must be at most `value`, whatever the other's. */
export function oursAtMost(value: number): Target {
  return { of: 'ours', sign: '≤', value }
}
