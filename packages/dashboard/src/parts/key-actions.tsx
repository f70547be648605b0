import { useState } from 'preact/hooks'
import {
  type ActedOn,
  blockAction,
  type KeyAction,
  resetAction,
  unblockAction,
} from '../format/key-action.ts'
import type { AdminClient } from '../live/admin-client.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'

interface KeyActionsProps {
  readonly of: ActedOn
  readonly client: AdminClient
  /** Something was done, or tried. */
  readonly onDone: () => void
}

interface Result {
  readonly text: string
  readonly isBad: boolean
}

const DURATIONS = ['1m', '10m', '1h', '1d'] as const

/** Resets, blocks and unblocks a key, after a question, and says what came of it. */
export function KeyActions({ of, client, onDone }: KeyActionsProps) {
  const [duration, setDuration] = useState<string>(DURATIONS[1])
  const [asked, setAsked] = useState<KeyAction | null>(null)
  const [result, setResult] = useState<Result | null>(null)
  const confirm = async (action: KeyAction): Promise<void> => {
    setAsked(null)
    setResult(await act(client, action))
    onDone()
  }
  const isBlocked = of.policies.some(({ blockedForMs }) => blockedForMs !== null)
  return (
    <div class="actions">
      <button type="button" onClick={() => setAsked(resetAction(of))}>
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
        <button type="button" class="danger" onClick={() => setAsked(blockAction(of, duration))}>
          Block…
        </button>
      </span>
      {isBlocked && (
        <button type="button" onClick={() => setAsked(unblockAction(of))}>
          Unblock…
        </button>
      )}
      <p role="status" class={result?.isBad === true ? 'problem' : 'result'}>
        {result?.text}
      </p>
      {asked !== null && (
        <ConfirmDialog action={asked} onConfirm={() => void confirm(asked)} onCancel={() => setAsked(null)} />
      )}
    </div>
  )
}

async function act(client: AdminClient, { path, body, done }: KeyAction): Promise<Result> {
  try {
    const { policies } = await client.post<{ policies: readonly string[] }>(path, body)
    return { text: `${done} in ${policies.join(', ')}.`, isBad: false }
  } catch (reason) {
    return { text: `Nothing was done: ${(reason as Error).message}`, isBad: true }
  }
}
