import { attributesOf } from '../format/key-reach.ts'
import type { ListedPolicy } from '../live/admin-answers.ts'
import type { PageState } from '../live/page-state.ts'
import { Panel } from './panel.tsx'

/** Shown before the rest, which may be thousands, has to be asked for. */
const SHOWN = 50

/** What each policy admits at worst, in words. */
export function PolicyList({ policies, allInShadow }: Pick<PageState, 'policies' | 'allInShadow'>) {
  const all = [...policies.values()]
  return (
    <Panel title="Policies" note={`${all.length} in the configuration; what each admits at worst`}>
      <ul class="policies">
        {all.slice(0, SHOWN).map((policy) => (
          <PolicyItem key={policy.name} policy={policy} allInShadow={allInShadow} />
        ))}
      </ul>
      {all.length > SHOWN && (
        <p class="quiet">
          And {all.length - SHOWN} more: <code>headgate check</code> lists all.
        </p>
      )}
    </Panel>
  )
}

function PolicyItem({
  policy,
  allInShadow,
}: {
  readonly policy: ListedPolicy
  readonly allInShadow: boolean
}) {
  const { name, rules, mode = 'enforce', worstCase = [] } = policy
  const attributes = attributesOf(policy)
  const standing = allInShadow && mode === 'enforce' ? 'shadow' : mode
  return (
    <li>
      <h3>
        {name}{' '}
        {standing !== 'enforce' && <span class="tag">{standing === 'shadow' ? 'in shadow' : 'off'}</span>}
      </h3>
      <p class="quiet">
        {attributes.length === 0
          ? 'one budget for everybody'
          : `a budget for each ${attributes.join(' and ')}`}
      </p>
      <ul>
        {worstCase.length > 0
          ? worstCase.map((sentence) => <li key={sentence}>{worstText(name, sentence)}</li>)
          : rules.map((rule, i) => <li key={i}>{ruleText(rule)}</li>)}
      </ul>
    </li>
  )
}

/** A sentence without what stands beside the name of its policy. */
function worstText(name: string, sentence: string): string {
  const told = sentence.startsWith(name) ? sentence.slice(name.length) : sentence
  return told.replace(/^ \((in shadow: counts, denies nothing|off)\)/, '').replace(/^(\/|: )/, '')
}

function ruleText(rule: ListedPolicy['rules'][number]): string {
  if (typeof rule === 'string') return rule
  const { name, limit } = rule
  const rate = typeof limit === 'string' ? limit : `${limit.limit}/${limit.window}`
  return name === undefined ? rate : `${name}: ${rate}`
}
