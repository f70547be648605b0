import type { PolicyOptions } from 'headgate'
import type { Service } from '../service.ts'

/** Of which policies somebody sees what happens there. */
export interface Visibility {
  /** Whether that is all of them, and with them what is about no policy in particular. */
  readonly isAll: boolean
  /** Whether it is this one, as it was when something happened there; undefined for one that no configuration has. */
  reaches(policy: string, options: PolicyOptions | undefined): boolean
  /** Whether it is its own token. */
  isOwn(actor: string): boolean
}

const ALL: Visibility = { isAll: true, reaches: () => true, isOwn: () => true }

/** What the caller of a service sees; throws unless its token is for reading. */
export function visibilityOf({ grant }: Pick<Service, 'grant'>): Visibility {
  grant?.need('read')
  if (grant === null || !grant.isConfined) return ALL
  return {
    isAll: false,
    // Without knowing of which domains a policy was, nobody is told of it who is confined to some.
    reaches: (policy, options) => options !== undefined && grant.reaches(policy, options),
    isOwn: (actor) => actor === grant.name,
  }
}
