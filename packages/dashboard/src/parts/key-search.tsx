import { useState } from 'preact/hooks'
import { attributesOf, type Reach, reachByValues, reachText } from '../format/key-reach.ts'
import { knownAttributes, readAttributes } from '../format/typed-attributes.ts'
import type { ListedPolicy } from '../live/admin-answers.ts'
import type { Looking } from './looking.ts'

interface KeySearchProps {
  readonly policies: readonly ListedPolicy[]
  readonly onLook: (looking: Looking) => void
}

/** Every policy whose key the attributes determine. */
const EVERY_POLICY = ''

/** Asks whom to look at: by the attributes of one policy's key, or by any attributes. */
export function KeySearch({ policies, onLook }: KeySearchProps) {
  const [name, setName] = useState(EVERY_POLICY)
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [problem, setProblem] = useState<string | null>(null)
  const policy = policies.find((one) => one.name === name)
  const fields =
    policy === undefined
      ? [ANY]
      : attributesOf(policy).map((attribute) => ({ ...PLAIN, name: attribute, label: attribute }))
  const submit = (event: Event): void => {
    event.preventDefault()
    const reach =
      policy === undefined ? reachOfEvery(values[ANY.name] ?? '', policies) : reachOfOne(policy, values)
    setProblem(typeof reach === 'string' ? reach : null)
    if (typeof reach !== 'string') onLook({ reach, name: reachText(reach) })
  }
  return (
    <form class="key-search" onSubmit={submit}>
      <div class="field">
        <label for="search-policy">Policy</label>
        <select id="search-policy" value={name} onChange={(event) => setName(event.currentTarget.value)}>
          <option value={EVERY_POLICY}>All that the attributes determine</option>
          {policies.map((one) => (
            <option key={one.name} value={one.name}>
              {one.name}
            </option>
          ))}
        </select>
      </div>
      {fields.map(({ name: field, label, hint }) => (
        <div key={field} class="field wide">
          <label for={`search-${field}`}>{label}</label>
          <input
            id={`search-${field}`}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder={hint}
            value={values[field] ?? ''}
            aria-invalid={problem !== null}
            aria-describedby="search-problem"
            onInput={({ currentTarget: { value } }) => setValues((now) => ({ ...now, [field]: value }))}
          />
        </div>
      ))}
      <button type="submit">Look</button>
      <p id="search-problem" class="problem" role="alert">
        {problem}
      </p>
    </form>
  )
}

const PLAIN = { hint: '' }
const ANY = { name: 'any attributes', label: 'Attributes', hint: 'user=alice' }

function reachOfEvery(text: string, policies: readonly ListedPolicy[]): Reach | string {
  const attributes = readAttributes(text, knownAttributes(policies))
  return typeof attributes === 'string' ? attributes : { attributes }
}

function reachOfOne(policy: ListedPolicy, values: Readonly<Record<string, string>>): Reach | string {
  const attributes = attributesOf(policy)
  const missing = attributes.find((name) => (values[name] ?? '') === '')
  if (missing !== undefined) return `Write a value for ${missing}`
  return reachByValues(policy.name, Object.fromEntries(attributes.map((name) => [name, values[name] ?? ''])))
}
