import { reachByKey, shownKeyText } from '../format/key-reach.ts'
import type { BudgetName, ListedPolicy } from '../live/admin-answers.ts'
import type { Looking } from './looking.ts'

interface KeyButtonProps {
  readonly budget: BudgetName
  readonly policy: ListedPolicy | undefined
  readonly onLook: (looking: Looking) => void
}

/** A key of a list: looks at it where that can be done by what is shown of it. */
export function KeyButton({ budget, policy, onLook }: KeyButtonProps) {
  const text = shownKeyText(budget, policy)
  const reach = reachByKey(budget, policy)
  if (reach === null) return <span class="key">{text}</span>
  return (
    <button
      type="button"
      class="key link"
      title="Look at this key"
      onClick={() => onLook({ reach, shown: budget })}
    >
      {text}
    </button>
  )
}
