/** The first octets of representations (RFC 7541, section 6), and the masks of the integers that begin in them. */

export const INDEXED = 0x80
export const INDEXED_MASK = 0x7f
/** A literal that is put into the table. */
export const INSERTED = 0x40
export const INSERTED_MASK = 0x3f
export const SIZE_UPDATE = 0x20
export const SIZE_UPDATE_MASK = 0x1f
/** A literal that nobody on the way may put into a table either. */
export const NEVER_INDEXED = 0x10
/** Of literals that are not put into the table. */
export const LITERAL_MASK = 0x0f
