import { setTimeout as sleep } from 'node:timers/promises'
import { keyText } from './keys.ts'

// Calls before the first reading, with texts that live for a while as in a server, grow V8's young generation to its
// full size: some 60 MB that any traffic takes, be it of one key, and that V8 does not give back.
const WARM_CALLS = 1_000_000
const WARM_KEYS = 1000
const WARM_TEXTS = 50_000
const TURN = 10_000

/** One call of a subject, which is filled by it. */
type Call = (key: string) => unknown

/** Bytes of process memory a key: what the resident set grew by while `keys` keys arrived, their texts not kept. */
export async function bytesPerKey(create: () => Call, keys: number): Promise<number> {
  await warm(create())
  const before = await residentBytes()
  const call = create()
  for (let i = 0; i < keys; i++) {
    const answer = call(keyText(i))
    if (i % TURN === 0) await answer
  }
  const after = await residentBytes()
  // Used once more, so that the collector cannot have taken it before the reading.
  await call(keyText(0))
  return (after - before) / keys
}

async function warm(call: Call): Promise<void> {
  const texts = new Array<string>(WARM_TEXTS)
  for (let i = 0; i < WARM_CALLS; i++) {
    const text = keyText(i % WARM_KEYS)
    texts[i % WARM_TEXTS] = text
    const answer = call(text)
    if (i % TURN === 0) await answer
  }
}

async function residentBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    global.gc?.()
    await sleep(50)
  }
  return process.memoryUsage().rss
}
