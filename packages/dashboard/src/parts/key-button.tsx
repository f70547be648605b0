import { readShown } from '../format/key-reach.ts'
import { keyText } from '../format/read-key.ts'
import { briefText } from '../format/visible-text.ts'
import type { BudgetName, ListedPolicy } from '../live/admin-answers.ts'
import type { LookAt } from './looking.ts'

interface KeyButtonProps {
  readonly budget: BudgetName
  readonly policy: ListedPolicy | undefined
  readonly onLook: LookAt
}

/** A key of a list: looks at it, unless nobody can tell by what is shown whose it is. */
export function KeyButton({ budget, policy, onLook }: KeyButtonProps) {
  const key = readShown(budget.key, policy)
  const text = briefText(keyText(key))
  if (key.kind === 'hidden' || key.kind === 'hashed') return <span class="key">{text}</span>
  return (
    <button type="button" class="key link" title="Look at this key" onClick={() => onLook(budget)}>
      {text}
    </button>
  )
}
