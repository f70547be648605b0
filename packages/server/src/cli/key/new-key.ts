import { checkShape } from '../../config/schema/file-shape.ts'
import { tokenMistakes } from '../../config/token-mistakes.ts'
import { newToken, tokenHash } from '../../service/access/token-text.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { EXIT } from '../exit.ts'
import type { Told } from '../remote/terminal.ts'
import { entryLines, listed, writeNew } from './entry-lines.ts'

/** What a token is to be for, as typed; lists are separated by commas. */
export interface KeyOptions {
  readonly name: string
  readonly scopes: string
  readonly domains?: string | undefined
  readonly policies?: string | undefined
  readonly limit?: string | undefined
  /** A file that gets the token, in place of what is printed. */
  readonly out?: string | undefined
}

/** Runs `headgate key new`: draws a token, and says what a configuration has of it. */
export function newKey({ name, scopes, domains, policies, limit, out }: KeyOptions): Told {
  const token = newToken()
  const entry = {
    name,
    hash: tokenHash(token),
    scopes: listed(scopes),
    ...(domains !== undefined && { domains: listed(domains) }),
    ...(policies !== undefined && { policies: listed(policies) }),
    ...(limit !== undefined && { limit }),
  }
  checkEntry(entry)
  const lines = entryLines(entry)
  if (out === undefined) {
    const told = ['The token, which is shown this once:', '', token, '']
    return {
      exitCode: EXIT.done,
      lines: [...told, 'Below "tokens:" of the configuration:', '', ...lines],
      json: { token, entry },
    }
  }
  writeNew(out, token)
  return { exitCode: EXIT.done, lines, json: { file: out, entry } }
}

/** What is wrong is said of the option that it came by. */
function checkEntry(entry: object): void {
  const checked = checkShape({ policies: [], tokens: [entry] })
  const mistakes = 'shape' in checked ? tokenMistakes(checked.shape) : checked.mistakes
  const [mistake] = mistakes
  if (mistake === undefined) return
  const [, , option = 'name'] = mistake.path
  throw wrongUsage(`--${option}: ${mistake.message}`)
}
