/** What our PINGs are known by when they are answered. */

/** Asks whether a silent client is there. */
export const ALIVE_MARK = 2
/** Stands behind the first GOAWAY, and tells when the client knows of it. */
export const LEAVING_MARK = 1
