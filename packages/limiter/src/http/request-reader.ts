/** What a framework tells of a request; each adapter makes it from the request of its framework. */
export interface RequestReader {
  readonly method: string
  /** Path and query as they were sent, such as `/users/7?page=2`. */
  readonly target: string
  /** Pattern of the route that serves it, such as `/users/:id`; undefined where none is known. */
  readonly route: string | undefined
  /** Address of the connection's peer; undefined on a Unix socket, and where the runtime does not tell. */
  readonly peer: string | undefined
  /** A header field by its lower-case name, several lines joined with a comma; undefined where it is absent. */
  header(name: string): string | undefined
}
