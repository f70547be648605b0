import { HeadgateError, parseDuration } from 'headgate'
import { z } from 'zod'
import { optional, strictMap } from './strict-map.ts'
import { duration, fileName, whole } from './values.ts'

const TARGETS_MAX = 100
const CONNECTIONS_MAX = 65_536

const target = z.string().max(2048)
const targets = z.array(target).min(1).max(TARGETS_MAX)

/** A duration, or `false` for none. */
const timeout = z.union([z.string(), z.number(), z.literal(false)]).superRefine((value, context) => {
  if (value === false) return
  try {
    parseDuration(value, '')
  } catch (reason) {
    context.addIssue(HeadgateError.from(reason).message)
  }
})

/** What stands under `upstream`: one target, several, or targets with how they are used. */
export const proxyUpstreamShape = z.union(
  [
    target,
    targets,
    strictMap({
      targets,
      ...optional({
        timeouts: strictMap(
          optional({ connect: timeout, firstByte: timeout, idle: timeout, total: timeout }),
        ),
        retries: whole.min(0).max(5),
        health: strictMap(
          optional({
            path: z.string().regex(/^\/[!-~]{0,1023}$/, {
              error: 'is not a path; it begins with a slash, and has neither spaces nor letters beyond ASCII',
            }),
            interval: duration,
            timeout: duration,
            failures: whole.min(1).max(1000),
            ejection: duration,
          }),
        ),
        maxConnections: whole.min(1).max(CONNECTIONS_MAX),
        host: z.enum(['keep', 'target']),
        caFile: fileName,
      }),
    }),
  ],
  {
    error: ({ input }) =>
      input === undefined || (typeof input === 'object' && input !== null)
        ? undefined
        : 'is neither a target, nor a list of targets, nor a map; write it as http://127.0.0.1:3000',
  },
)

/** An upstream as a file has it. */
export type UpstreamShape = z.output<typeof proxyUpstreamShape>
