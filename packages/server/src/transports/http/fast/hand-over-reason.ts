/**
 * Why a connection goes on with the ordinary server: another method, path or version; a field that is missing, there twice, or not
 * taken here; octets that want interpretation; a request that is too large, or came in too many pieces.
 */
export const HAND_OVER_REASONS = ['target', 'field', 'syntax', 'size', 'pieces'] as const

export type HandOverReason = (typeof HAND_OVER_REASONS)[number]
