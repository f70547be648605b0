import { useState } from 'preact/hooks'

interface TokenFormProps {
  readonly reason: string
  readonly hasToken: boolean
  readonly onToken: (token: string) => void
}

/** Asks for a token: the listener takes none that is missing or lacks a scope. */
export function TokenForm({ reason, hasToken, onToken }: TokenFormProps) {
  const [token, setToken] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    if (token.trim() !== '') onToken(token.trim())
  }
  return (
    <section class="panel token-form" aria-labelledby="token-title">
      <h2 id="token-title">{hasToken ? 'This token will not do' : 'A token is wanted'}</h2>
      <p>{reason}</p>
      <p class="quiet">
        The scope <code>read</code> shows everything here; <code>admin</code> also resets and blocks. It is
        kept in this tab alone, until the tab is closed.
      </p>
      <form onSubmit={submit}>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit">Use this token</button>
      </form>
    </section>
  )
}
