/** What the types of header fields and of the client take and refuse. Compiled by `tsc -b`, never run. */
import { parseRateLimit, rateLimitedFetch } from '../../src/entries/fetch-client.ts'
import { compileHeaders } from '../../src/entries/http.ts'

compileHeaders(false)
compileHeaders({ standard: false, legacy: 'epoch', expose: true })
compileHeaders({ unit: 'tokens', partitionKey: { secret: 'a secret of a test' } })
// @ts-expect-error the generations are draft-11, draft-7 and draft-6
compileHeaders({ standard: 'draft-8' })
// @ts-expect-error the style of before
compileHeaders({ headers: 'both' })
// @ts-expect-error a reset is delta or epoch
compileHeaders({ legacy: 'iso' })

declare const message: import('node:http').IncomingMessage
declare const response: Response
parseRateLimit(response.headers)
parseRateLimit(message.headers)
// @ts-expect-error the headers, not the response
parseRateLimit(response)

const send: typeof fetch = rateLimitedFetch(fetch, { maxWait: '1m' })
void send(new URL('http://localhost'), { method: 'POST' })
// @ts-expect-error fetch is handed in
rateLimitedFetch({ maxWait: '1m' })
