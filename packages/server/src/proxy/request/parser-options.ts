import type { ServerOptions } from 'node:http'
import { HEADER_BYTES_CEILING } from '../../service/proxy-settings/proxy-settings.ts'

/**
 * What a server of `node:http` has to be made with, so that its parser lets nothing through that we take for something else, and
 * leaves to us what we can answer better. In addition it needs `maxHeadersCount = 0`: Node drops further fields without a
 * word; and the listeners `checkContinue` and `checkExpectation`, or it answers by itself.
 */
export const PARSER_OPTIONS = {
  insecureHTTPParser: false,
  requireHostHeader: false,
  // With the target and what stands around names and values.
  maxHeaderSize: 2 * HEADER_BYTES_CEILING,
} as const satisfies ServerOptions
