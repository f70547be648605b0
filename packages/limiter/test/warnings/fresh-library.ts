/** The library as a process that has just begun has it: it has told nothing yet. */
import { vi } from 'vitest'
import type * as Http from '../../src/entries/http.ts'
import type * as Headgate from '../../src/entries/index.ts'
import type * as RedisEntry from '../../src/entries/redis.ts'
import type * as Resilience from '../../src/entries/resilience.ts'

type Library = typeof Headgate & typeof Http & typeof RedisEntry & typeof Resilience

/** The library, and the codes of the warnings that it has emitted. */
export async function freshLibrary(): Promise<Library & { readonly codes: readonly string[] }> {
  vi.resetModules()
  const codes: string[] = []
  vi.spyOn(process, 'emitWarning').mockImplementation(((_: string, { code }: { code: string }) => {
    codes.push(code)
  }) as never)
  const library = {
    ...(await import('../../src/entries/index.ts')),
    ...(await import('../../src/entries/http.ts')),
    ...(await import('../../src/entries/redis.ts')),
    ...(await import('../../src/entries/resilience.ts')),
  }
  return { ...library, codes }
}
