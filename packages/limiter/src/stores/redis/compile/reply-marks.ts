/** What stands in a reply of a script in place of numbers, or in front of them. */

/**
 * Reply in place of a decision: the server's time is outside the caller's calendar edges. No state yields this
 * number, and it is far enough from 2^53 that every client reads it exactly.
 */
export const EDGES_NEEDED = -6755399441055744
/**
 * Reply in place of a rule's first number: five other windows of its name hold state; the second is when one
 * recovers.
 */
export const FULL = -6755399441055743

/**
 * Reply in front of the numbers of a request: something stands against its key. The next number is for how long, in
 * microseconds: negative after an offence, which the rules themselves have denied.
 */
export const BARRED = -6755399441055742
