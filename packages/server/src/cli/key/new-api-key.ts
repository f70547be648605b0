import { explain, flatten } from '../../config/issues.ts'
import { apiKeyListShape } from '../../config/schema/proxy-auth-shape.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { apiKeyHash, newApiKey, newApiKeyId } from '../../service/identity/api-key-text.ts'
import { EXIT } from '../exit.ts'
import type { Told } from '../remote/terminal.ts'
import { entryLines, listed, writeNew } from './entry-lines.ts'

/** What an API key of the proxy is to be for, as typed. */
export interface ApiKeyOptions {
  /** @default drawn */
  readonly id?: string | undefined
  /** Separated by commas. */
  readonly scopes?: string | undefined
  readonly expires?: string | undefined
  /** A file that gets the key, in place of what is printed. */
  readonly out?: string | undefined
}

/** Runs `headgate key new --proxy`: draws a key, and says what a configuration has of it. */
export function newProxyKey({ id = newApiKeyId(), scopes, expires, out }: ApiKeyOptions): Told {
  const key = newApiKey(id)
  const entry = {
    id,
    hash: `sha256:${apiKeyHash(key).toString('hex')}`,
    ...(scopes !== undefined && { scopes: listed(scopes) }),
    ...(expires !== undefined && { expires }),
  }
  check(entry)
  const lines = entryLines(entry)
  if (out === undefined) {
    const told = ['The key, which is shown this once:', '', key, '']
    return {
      exitCode: EXIT.done,
      lines: [...told, 'Below "keys:" of "proxy.apiKeys":', '', ...lines],
      json: { key, entry },
    }
  }
  writeNew(out, key)
  return { exitCode: EXIT.done, lines, json: { file: out, entry } }
}

/** What is wrong is said of the option that it came by. */
function check(entry: object): void {
  const { error } = apiKeyListShape.safeParse([entry], { error: (issue) => explain(issue) })
  const [mistake] = error?.issues.flatMap((issue) => flatten(issue)) ?? []
  if (mistake !== undefined) throw wrongUsage(`--${mistake.path[1]}: ${mistake.message}`)
}
