import type { Transport } from '../service/transport.ts'

/** Where a transport can be reached. */
export interface Listening {
  readonly name: string
  readonly url: string
}

/** Lets all transports listen, or none: where one cannot, the others are closed again. */
export async function listenAll(transports: readonly Transport[]): Promise<Listening[]> {
  const attempts = await Promise.allSettled(transports.map(async (one) => one.listen()))
  const failed = attempts.find((attempt) => attempt.status === 'rejected')
  if (failed !== undefined) {
    await Promise.allSettled(transports.map((one) => one.close()))
    throw failed.reason
  }
  return transports.map(({ name }, i) => {
    return { name, url: (attempts[i] as PromiseFulfilledResult<string>).value }
  })
}

/** How long requests under way get, and who is told that it was not enough. */
export interface StopOptions {
  readonly drainMs: number
  readonly onCut: () => void
}

/** Lets requests under way finish on all transports, then closes them; what takes longer is cut off. */
export async function stopAll(
  transports: readonly Transport[],
  { drainMs, onCut }: StopOptions,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      onCut()
      resolve()
    }, drainMs)
  })
  try {
    await Promise.race([Promise.all(transports.map(async (one) => one.drain())), timeout])
  } finally {
    clearTimeout(timer)
    await Promise.all(transports.map((one) => one.close()))
  }
}
