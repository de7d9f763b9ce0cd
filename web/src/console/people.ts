interface Named {
  username: string
  first_name: string
  last_name: string
}

/** What somebody is called: by name, or by user name where there is none. */
export const nameOf = ({ first_name, last_name, username }: Named) => `${first_name} ${last_name}`.trim() || username
