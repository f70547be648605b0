import type { PolicyOptions } from 'headgate'
import { policyAttributes } from 'headgate/policies'
import type { Configuration } from '../service/configuration.ts'
import { STATUS_ATTRIBUTE } from './played-request.ts'

/** Which attributes policies ask for that no request has. */
export class MissingAttributes {
  readonly #policies: readonly PolicyOptions[]
  /** Names of policies that ask for the status of the response. */
  readonly #byStatus: ReadonlySet<string>
  #unseen: string[]

  constructor({ policies, proxy }: Pick<Configuration, 'policies' | 'proxy'>) {
    const byStatus = (proxy?.outcomes ?? []).filter(({ statuses }) => statuses !== null)
    this.#policies = policies.filter(({ mode }) => mode !== 'off')
    this.#byStatus = new Set(byStatus.map(({ policy }) => policy))
    const names = this.#policies.flatMap((policy) => [...policyAttributes(policy)])
    // The address stands in for keys that are missing.
    this.#unseen = [...new Set(['ip', ...names, ...(byStatus.length > 0 ? [STATUS_ATTRIBUTE] : [])])]
  }

  see(who: Readonly<Record<string, string>>): void {
    if (this.#unseen.length === 0 || !this.#unseen.some((name) => who[name])) return
    this.#unseen = this.#unseen.filter((name) => !who[name])
  }

  /** One for each attribute of a policy, with what comes of it. */
  sentences(): string[] {
    return this.#policies.flatMap((policy) => {
      const { name, match = {}, overrides = [], key = 'key', cost, missing = 'ip' } = policy
      const keys = [key].flat()
      const inOverrides = new Set(overrides.flatMap((one) => Object.keys(one.match)))
      return this.#unseen.flatMap((attribute) => {
        const say = (effect: string): string[] => [
          `policy ${name} needs attribute ${attribute}, which no request has: ${effect}`,
        ]
        if (Object.hasOwn(match, attribute)) return say('it never applies')
        if (keys.includes(attribute)) {
          return say(
            missing === 'ip' && this.#unseen.includes('ip') ? 'it can decide none' : KEY_EFFECTS[missing],
          )
        }
        if (attribute === STATUS_ATTRIBUTE && this.#byStatus.has(name)) return say('it counts nothing')
        if (inOverrides.has(attribute)) return say('an override of it never applies')
        return cost === attribute ? say('each request costs 1') : []
      })
    })
  }
}

const KEY_EFFECTS: Readonly<Record<NonNullable<PolicyOptions['missing']>, string>> = {
  ip: 'it counts by address instead',
  skip: 'it never applies',
  refuse: 'it refuses every request',
}
