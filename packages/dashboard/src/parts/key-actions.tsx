import { useState } from 'preact/hooks'
import type { Reach } from '../format/key-reach.ts'
import type { PolicyUse } from '../live/admin-answers.ts'
import type { AdminClient } from '../live/admin-client.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'

interface KeyActionsProps {
  readonly name: string
  readonly reach: Reach
  readonly policies: readonly PolicyUse[]
  readonly client: AdminClient
  readonly onDone: () => void
}

const DURATIONS = ['1m', '10m', '1h', '1d'] as const

/** What is done to a key once a person has confirmed it. */
interface Action {
  readonly path: string
  readonly body: object
  readonly question: string
  readonly consequence: string
  readonly verb: string
  /** What is said afterwards, of the policies that it reached. */
  readonly done: string
}

/** Resets, blocks and unblocks a key, after a question, and says what came of it. */
export function KeyActions({ name, reach, policies, client, onDone }: KeyActionsProps) {
  const [duration, setDuration] = useState<string>(DURATIONS[1])
  const [asked, setAsked] = useState<Action | null>(null)
  const [result, setResult] = useState<{ readonly text: string; readonly isBad: boolean } | null>(null)
  const where =
    reach.policy === undefined ? 'in all policies that these attributes determine' : `in ${reach.policy}`
  const act = async ({ path, body, done }: Action): Promise<void> => {
    setAsked(null)
    try {
      const reached = await client.post<{ policies: readonly string[] }>(path, body)
      setResult({ text: `${done} in ${reached.policies.join(', ')}.`, isBad: false })
    } catch (reason) {
      setResult({ text: `Nothing was done: ${(reason as Error).message}`, isBad: true })
    }
    onDone()
  }
  const reset: Action = {
    path: 'v1/reset',
    body: reach,
    question: `Reset ${name}?`,
    consequence: `What was spent ${where} is forgotten, at every instance. This cannot be undone.`,
    verb: 'Reset',
    done: `${name} was reset`,
  }
  const block: Action = {
    path: 'v1/block',
    body: { ...reach, duration },
    question: `Block ${name} for ${duration}?`,
    consequence: `Every request is denied ${where}, at every instance, until that is over or somebody unblocks it.`,
    verb: 'Block',
    done: `${name} is blocked for ${duration}`,
  }
  const unblock: Action = {
    path: 'v1/unblock',
    body: reach,
    question: `Unblock ${name}?`,
    consequence: `Blocks and bans end ${where}; what was spent stays.`,
    verb: 'Unblock',
    done: `${name} is unblocked`,
  }
  const isBlocked = policies.some(({ blockedForMs }) => blockedForMs !== null)
  return (
    <div class="actions">
      <button type="button" onClick={() => setAsked(reset)}>
        Reset…
      </button>
      <span class="with-button">
        <label for="block-duration">Block for</label>
        <select
          id="block-duration"
          value={duration}
          onChange={(event) => setDuration(event.currentTarget.value)}
        >
          {DURATIONS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <button type="button" class="danger" onClick={() => setAsked(block)}>
          Block…
        </button>
      </span>
      {isBlocked && (
        <button type="button" onClick={() => setAsked(unblock)}>
          Unblock…
        </button>
      )}
      <p role="status" class={result?.isBad === true ? 'problem' : 'result'}>
        {result?.text}
      </p>
      {asked !== null && (
        <ConfirmDialog
          question={asked.question}
          consequence={asked.consequence}
          verb={asked.verb}
          onConfirm={() => void act(asked)}
          onCancel={() => setAsked(null)}
        />
      )}
    </div>
  )
}
