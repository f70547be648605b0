/** How the admin listener is called in events and logs. */
export const ADMIN = 'admin'
