import { readShown } from '../format/key-reach.ts'
import { briefKeyText, type ReadKey } from '../format/read-key.ts'
import type { BudgetName, ListedPolicy } from '../live/admin-answers.ts'
import type { LookAt } from './looking.ts'

interface KeyButtonProps {
  readonly budget: BudgetName
  readonly policy: ListedPolicy | undefined
  readonly onLook: LookAt
}

/** What is shown of these does not say whose budget it is. */
const UNTOLD: readonly ReadKey['kind'][] = ['hidden', 'hashed', 'cut']

/** A key of a list: looks at it, unless nobody can tell by what is shown whose it is. */
export function KeyButton({ budget, policy, onLook }: KeyButtonProps) {
  const key = readShown(budget.key, policy)
  const text = briefKeyText(key)
  if (UNTOLD.includes(key.kind)) return <span class="key">{text}</span>
  return (
    <button type="button" class="key link" title="Look at this key" onClick={() => onLook(budget)}>
      {text}
    </button>
  )
}
