/** The version of the tables and keys that this code reads and writes. */
export const VERSION = 2;

/** The sentence for a store that a later version has changed so that this one cannot use it. */
export function tooNew(version: number): string {
  return `The store's schema has version ${version}, but this version of @popp-webhooks/inbox knows only ${VERSION}. Upgrade the package.`;
}

/** The sentence for a store that must not be changed. */
export function notMigrated(version: number): string {
  const found = version === 0 ? "The store has no schema yet" : `The store's schema has version ${version}`;
  return `${found}, and \`migrate: false\` does not let this version change it to version ${VERSION}. Start the app once with this version of @popp-webhooks/inbox, or open the store without \`migrate: false\`.`;
}
