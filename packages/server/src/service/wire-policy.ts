/** Name under which rules that come with calls over HTTP count; no policy may have it. */
export const HTTP_POLICY = 'http'
