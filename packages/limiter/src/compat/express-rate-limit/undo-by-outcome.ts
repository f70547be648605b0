import type { Request, Response } from 'express'
import type { ResolvedOptions } from './resolve-options.ts'
import type { Hit } from './window-store.ts'

/** Takes a request out of the count once it has been answered, where `skipFailedRequests` or `skipSuccessfulRequests` say so. */
export function undoByOutcome(
  { request, response }: { readonly request: Request; readonly response: Response },
  options: ResolvedOptions,
  hit: Hit,
): void {
  const { skipFailedRequests, skipSuccessfulRequests, requestWasSuccessful, logger } = options
  if (!skipFailedRequests && !skipSuccessfulRequests) return
  const isSkipped = async (): Promise<boolean> => {
    // The client left before there was an answer.
    if (!response.writableEnded) return skipFailedRequests
    if (!response.writableFinished) return false
    return (await requestWasSuccessful(request, response)) ? skipSuccessfulRequests : skipFailedRequests
  }
  const settle = async (): Promise<void> => {
    if (await isSkipped()) await hit.undo()
  }
  const end = (): void => {
    settle().catch((error: unknown) =>
      logger.error(error, 'express-rate-limit: error while a request was taken out of the count.'),
    )
  }
  // The client may have left while the store was counting.
  if (response.closed) end()
  else response.once('close', end)
}
