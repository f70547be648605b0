import type { RefObject } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { type Reach, reachText, readShown } from '../format/key-reach.ts'
import { keyText } from '../format/read-key.ts'
import type { BudgetName } from '../live/admin-answers.ts'
import type { AdminClient } from '../live/admin-client.ts'
import type { PageState } from '../live/page-state.ts'
import type { LookAt, Looking } from './looking.ts'

/** Which key is looked at. */
interface LookingState {
  readonly looking: Looking | null
  readonly problem: string | null
  /** Where that is shown. */
  readonly section: RefObject<HTMLElement | null>
  /** Looks at what a person typed, or at nobody any more. */
  readonly look: (looking: Looking | null) => void
  readonly lookAt: LookAt
}

/** Follows which key is looked at; of a key of a list the service says by which attributes it is called. */
export function useLooking(client: AdminClient, { policies }: Pick<PageState, 'policies'>): LookingState {
  const [looking, setLooking] = useState<Looking | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const section = useRef<HTMLElement>(null)
  const look = (next: Looking | null): void => {
    setLooking(next)
    setProblem(null)
  }
  const find = async ({ policy, key }: BudgetName): Promise<void> => {
    section.current?.focus()
    try {
      const who = await client.post<Omit<Reach, 'policy'>>('v1/attributes', { policy, key })
      const shown = readShown(key, policies.get(policy))
      look({ reach: { policy, ...who }, name: shown.kind === 'values' ? reachText(who) : keyText(shown) })
    } catch (reason) {
      setLooking(null)
      setProblem((reason as Error).message)
    }
  }
  return { looking, problem, section, look, lookAt: (budget) => void find(budget) }
}
