import type { PolicyOptions } from 'headgate'
import type { Configuration } from '../../service/configuration.ts'
import { ruleNames } from '../../service/rule-names.ts'
import { WIRE_POLICIES } from '../../service/wire-policy.ts'
import { OTHER } from './closed-names.ts'

/** What is counted of one rule. Whoever decides adds to it, and nobody reads it but a scrape. */
export class RuleRow {
  readonly policy: string
  readonly rule: string
  /** By a number that stands for outcome, reason, source and transport. */
  readonly decisions: Map<number, number> = new Map()
  nearLimits = 0
  shadowDenials = 0

  constructor(policy: string, rule: string) {
    this.policy = policy
    this.rule = rule
  }
}

/** More rows than that are one. */
const ROWS_MAX = 1000

/** A row for each rule of the configuration in force, made when it first decides; a rule that goes takes its row along. */
export class RuleRows {
  readonly #configuration: () => Pick<Configuration, 'policies'>
  #seen: Pick<Configuration, 'policies'> | null = null
  #policies = new Map<string, PolicyOptions>()
  #rules = new Map<string, ReadonlySet<string>>()
  #rows = new Map<string, Map<string, RuleRow>>()
  #size = 0
  /** Of decisions in which no rule was judged. */
  readonly #none = new RuleRow('', '')
  readonly #other = new RuleRow(OTHER, OTHER)
  /** Policies of no configuration: whoever calls chooses the names of their rules. */
  readonly #wires: ReadonlyMap<string, RuleRow> = new Map(
    [...WIRE_POLICIES.keys()].map((name) => [name, new RuleRow(name, '')]),
  )

  constructor(configuration: () => Pick<Configuration, 'policies'>) {
    this.#configuration = configuration
  }

  /** The row of a rule; both are null where none was judged. */
  of(policy: string | null, rule: string | null): RuleRow {
    if (policy === null || rule === null) return this.#none
    if (this.#configuration() !== this.#seen) this.#follow()
    return this.#rows.get(policy)?.get(rule) ?? this.#make(policy, rule)
  }

  /** All rows in which something was counted. */
  all(): RuleRow[] {
    if (this.#configuration() !== this.#seen) this.#follow()
    const rows = [...this.#rows.values()].flatMap((rules) => [...rules.values()])
    return [this.#none, ...this.#wires.values(), ...rows, this.#other]
  }

  #make(policy: string, rule: string): RuleRow {
    const options = this.#policies.get(policy)
    if (options === undefined) return this.#wires.get(policy) ?? this.#other
    if (this.#size >= ROWS_MAX || !this.#rulesOf(options).has(rule)) return this.#other
    const rows = this.#rows.get(policy) ?? new Map<string, RuleRow>()
    this.#rows.set(policy, rows)
    const row = new RuleRow(policy, rule)
    rows.set(rule, row)
    this.#size++
    return row
  }

  #rulesOf(policy: PolicyOptions): ReadonlySet<string> {
    const known = this.#rules.get(policy.name) ?? ruleNames(policy)
    this.#rules.set(policy.name, known)
    return known
  }

  #follow(): void {
    this.#seen = this.#configuration()
    this.#policies = new Map(this.#seen.policies.map((policy) => [policy.name, policy]))
    this.#rules = new Map()
    const kept = [...this.#rows].map(([name, rows]): [string, Map<string, RuleRow>] => {
      const policy = this.#policies.get(name)
      const rules = policy === undefined ? null : this.#rulesOf(policy)
      return [name, new Map([...rows].filter(([rule]) => rules?.has(rule)))]
    })
    this.#rows = new Map(kept.filter(([, rows]) => rows.size > 0))
    this.#size = [...this.#rows.values()].reduce((sum, rows) => sum + rows.size, 0)
  }
}
