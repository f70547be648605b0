import { useState } from 'preact/hooks'

interface TokenFormProps {
  readonly reason: string
  readonly hasToken: boolean
  readonly onToken: (token: string) => void
}

/** What a header field takes, and so every token is made of. */
const SENDABLE = /^[!-~]+$/

/** Asks for a token: the listener takes none that is missing or lacks a scope. */
export function TokenForm({ reason, hasToken, onToken }: TokenFormProps) {
  const [token, setToken] = useState('')
  const [isOdd, setIsOdd] = useState(false)
  const submit = (event: Event): void => {
    event.preventDefault()
    const given = token.trim()
    setIsOdd(!SENDABLE.test(given))
    if (SENDABLE.test(given)) onToken(given)
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
          aria-invalid={isOdd}
          aria-describedby="token-problem"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit">Use this token</button>
        <p id="token-problem" class="problem" role="alert">
          {isOdd && 'A token is one word of letters, digits and signs of ASCII'}
        </p>
      </form>
    </section>
  )
}
