import type { PlayedRequest } from '../played-request.ts'

type Batches = AsyncIterator<PlayedRequest[]>

interface Head {
  readonly batches: Batches
  batch: readonly PlayedRequest[]
  at: number
}

const MERGED_AT_ONCE = 2000

/** The requests of several logs as those of one: the earliest of what comes next in each, and of equal ones the first log's. */
export async function* mergeRequests(
  logs: readonly AsyncIterable<PlayedRequest[]>[],
): AsyncIterableIterator<readonly PlayedRequest[]> {
  const [only] = logs
  if (only !== undefined && logs.length === 1) {
    yield* only
    return
  }
  const heads: Head[] = []
  for (const log of logs) {
    const head = { batches: log[Symbol.asyncIterator](), batch: [], at: 0 }
    if (await refill(head)) heads.push(head)
  }
  let merged: PlayedRequest[] = []
  while (heads.length > 0) {
    const first = earliest(heads)
    merged.push(first.batch[first.at++] as PlayedRequest)
    if (first.at === first.batch.length && !(await refill(first))) heads.splice(heads.indexOf(first), 1)
    if (merged.length < MERGED_AT_ONCE) continue
    yield merged
    merged = []
  }
  yield merged
}

function earliest(heads: readonly Head[]): Head {
  let first = heads[0] as Head
  for (const head of heads) if (timeOf(head) < timeOf(first)) first = head
  return first
}

function timeOf({ batch, at }: Head): number {
  return (batch[at] as PlayedRequest).atUs
}

/** Whether there is anything more. */
async function refill(head: Head): Promise<boolean> {
  for (;;) {
    const { done, value } = await head.batches.next()
    if (done === true) return false
    head.batch = value
    head.at = 0
    if (value.length > 0) return true
  }
}
