/** Most bytes of a body that are read. */
export const BODY_LIMIT = 64 * 1024
